import { h } from "./dom";

/** Says that there is nothing to show, and why. Where nothing else is on the page, its title is the page's. */
export function empty(title: string, text: string, heading: "h1" | "h2" = "h2"): HTMLElement {
  return h("div", { class: "empty" }, h(heading, { text: title }), text ? h("p", { text }) : null);
}
