/** Pictures on buttons, drawn on a grid of 16 by 16 in the colour of the text. */
const paths = {
  table: "M2 3h12v10H2zM2 6.3h12M2 9.7h12M6 3v10",
  curve: "M2 2v12h12M4 11l3-4 3 2 4-6",
  picture: "M8 2v8M4.8 7 8 10.2 11.2 7M3 13.5h10",
  add: "M8 3v10M3 8h10",
  remove: "M4 4l8 8M12 4l-8 8",
} as const;

/** One of the pictures; it says nothing to a screen reader, the button has a name. */
export function icon(name: keyof typeof paths): SVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  for (const [attribute, value] of [
    ["viewBox", "0 0 16 16"],
    ["width", "16"],
    ["height", "16"],
    ["aria-hidden", "true"],
    ["class", "icon"],
  ])
    svg.setAttribute(attribute!, value!);
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
