/**
 * The only module that knows @vscode/webview-ui-toolkit: it registers the controls that the page uses and makes them. What
 * it exports are plain elements and our own small interfaces, so that another library can take its place here.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { h, setAttribute, setText } from "../dom";

/** Registers the controls; call it once, before the first is made. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

/** Any of these elements, with the properties of the controls that the page reads and writes. */
type Control = HTMLElement & {
  disabled: boolean;
  checked: boolean;
  value: string;
  activeid: string;
};

function control(tag: string, attributes: Record<string, string | boolean | null>): Control {
  const made = document.createElement(tag) as Control;
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  return made;
}

export interface Button {
  element: HTMLElement;
  setEnabled(enabled: boolean): void;
  /** What the button says, or for one with an icon alone what it is called. */
  setLabel(label: string): void;
  setIcon(icon: SVGElement): void;
}

/** A button with a text, or with an icon alone that is called by its label. */
export function button(
  options: {
    label: string;
    /** "quiet" is a text without a frame, "icon" an icon without a text. */
    look?: "primary" | "secondary" | "quiet" | "icon";
    icon?: SVGElement;
    class?: string;
  },
  onClick: () => void,
): Button {
  const { label, look = "secondary", icon } = options;
  const element = control("vscode-button", {
    // The toolkit calls a frameless button "Icon Button" unless it has a name beforehand.
    "aria-label": look === "quiet" || look === "icon" ? label : null,
    appearance: look === "quiet" ? "icon" : look,
    class: [look, options.class ?? ""].join(" ").trim(),
  });
  const text = look === "icon" ? null : document.createTextNode(label);
  if (icon) {
    if (text) icon.setAttribute("slot", "start");
    element.append(icon);
  }
  if (text) element.append(text);
  const setLabel = (to: string): void => {
    if (text) {
      if (text.data !== to) text.data = to;
    } else setAttribute(element, "title", to);
    if (element.hasAttribute("aria-label")) setAttribute(element, "aria-label", to);
  };
  setLabel(label);
  element.addEventListener("click", () => {
    if (!element.disabled) onClick();
  });
  return {
    element,
    setEnabled: (enabled) => (element.disabled = !enabled),
    setLabel,
    setIcon: (to) => element.querySelector("svg")?.replaceWith(to),
  };
}

/** A box that is checked or not. */
export function checkbox(
  label: string,
  checked: boolean,
  onChange: (checked: boolean) => void,
): { element: HTMLElement; setChecked(checked: boolean): void } {
  const element = control("vscode-checkbox", {});
  element.textContent = label;
  element.checked = checked;
  let known = checked;
  element.addEventListener("change", () => {
    if (element.checked === known) return;
    known = element.checked;
    onChange(known);
  });
  return {
    element,
    setChecked: (to) => {
      known = to;
      element.checked = to;
    },
  };
}

/** A choice of one among some; `label` says what of. */
export function select(
  label: string,
  options: readonly { value: string; text: string }[],
  value: string,
  onChange: (value: string) => void,
): { element: HTMLElement } {
  const element = control("vscode-dropdown", { "aria-label": label });
  for (const { value: of, text } of options) {
    const option = control("vscode-option", { value: of, selected: of === value });
    option.textContent = text;
    element.append(option);
  }
  // The control itself writes what is chosen only in the frame after that in which it is first seen.
  const shown = h("span", { slot: "selected-value" });
  const show = (chosen: string): void =>
    setText(shown, (options.find(({ value: of }) => of === chosen) ?? options[0])?.text ?? "");
  show(value);
  element.append(shown);
  element.addEventListener("change", () => {
    show(element.value);
    onChange(element.value);
  });
  return { element };
}

/** A line of text to type into; `label` says what for. */
export function textField(
  label: string,
  onInput: (value: string) => void,
): { element: HTMLElement } {
  const element = control("vscode-text-field", { placeholder: label });
  keepAttributes(element, { "aria-label": label });
  element.addEventListener("input", () => onInput(element.value));
  return { element };
}

/** A sign that something is awaited. */
export function progressRing(label: string): HTMLElement {
  const element = control("vscode-progress-ring", {});
  keepAttributes(element, { "aria-label": label, "aria-live": "polite", role: "status" });
  return element;
}

/** Whenever they enter a document, some controls give themselves English names and roles; these stay as they are here. */
function keepAttributes(element: Control, kept: Readonly<Record<string, string>>): void {
  const set = element.setAttribute.bind(element);
  element.setAttribute = (name, value) => set(name, kept[name] ?? value);
  for (const [name, value] of Object.entries(kept)) set(name, value);
}

export interface Tabs {
  element: HTMLElement;
  /** Brings a tab to the front, as if it had been clicked. */
  select(id: string): void;
}

/** Panels of which one is shown. Each view is an element that the caller fills. */
export function tabs(
  label: string,
  views: readonly { id: string; title: string; view: HTMLElement }[],
  active: string,
  onChange: (id: string) => void,
): Tabs {
  const element = control("vscode-panels", { "aria-label": label, activeid: `tab-${active}` });
  for (const { id, title } of views) {
    const tab = control("vscode-panel-tab", { id: `tab-${id}` });
    setText(tab, title);
    element.append(tab);
  }
  for (const { id, view } of views) {
    const panel = control("vscode-panel-view", { id: `view-${id}` });
    panel.append(h("div", { class: "view" }, view));
    element.append(panel);
  }
  let known = active;
  element.addEventListener("change", () => {
    const id = element.activeid.replace(/^tab-/, "");
    if (id === known || !views.some((view) => view.id === id)) return;
    known = id;
    onChange(id);
  });
  return {
    element,
    select(id) {
      // Only a click and the keys are told as a change.
      known = id;
      element.activeid = `tab-${id}`;
    },
  };
}
