import { h } from "../dom";

/** A fact of a header: what it is called, and its value, which changes. */
export function fact(label: string): { row: HTMLElement; value: HTMLElement } {
  const value = h("dd", {});
  return { row: h("div", { class: "fact" }, h("dt", { text: label }), value), value };
}
