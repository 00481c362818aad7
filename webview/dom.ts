/** Attributes of an element; `class` and `text` are what they say, false and null leave an attribute out. */
export interface Attributes {
  class?: string;
  text?: string;
  [name: string]: string | number | boolean | null | undefined;
}

/** Makes an element with its attributes and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  const { class: className, text, ...others } = attributes;
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(others)) setAttribute(made, name, value);
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/** Sets or takes away an attribute, and touches nothing where it is so already. */
export function setAttribute(
  element: Element,
  name: string,
  value: string | number | boolean | null | undefined,
): void {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Sets a text, and touches nothing where it is so already. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides an element. */
export function setShown(element: HTMLElement, shown: boolean): void {
  if (element.hidden === shown) element.hidden = !shown;
}

/** Puts other children into an element. */
export function replaceChildren(element: Element, ...children: (Node | null)[]): void {
  element.replaceChildren(...children.filter((child) => child !== null));
}
