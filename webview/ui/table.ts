import { h } from "../dom";

/** A column of a table. Numbers stand right in figures of equal width. */
export interface Column {
  head: string | Node;
  number?: boolean;
  class?: string;
  /** How the rows are sorted by this column. */
  sorted?: "ascending" | "descending" | "none";
}

/** A cell: a text, or something of its own. */
export type Cell = string | Node;

/**
 * A table with its caption; the first cell of a row names it. It can be scrolled by the keyboard where it is wider than
 * the page.
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { class?: string; hideCaption?: boolean } = {},
): HTMLElement {
  const head = columns.map(({ head: text, sorted, ...look }) =>
    h("th", { scope: "col", class: cellClass(look), "aria-sort": sorted }, text),
  );
  const body = rows.map((cells) =>
    h(
      "tr",
      {},
      ...cells.map((cell, i) =>
        i === 0
          ? h("th", { scope: "row", class: cellClass(columns[i]!) }, cell)
          : h("td", { class: cellClass(columns[i]!) }, cell),
      ),
    ),
  );
  const made = h(
    "table",
    {},
    h("caption", { class: options.hideCaption ? "hidden-text" : "caption", text: caption }),
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...body),
  );
  return h(
    "div",
    {
      class: `table-scroll ${options.class ?? ""}`.trim(),
      tabindex: 0,
      role: "group",
      "aria-label": caption,
    },
    made,
  );
}

function cellClass({ number, class: name }: Pick<Column, "number" | "class">): string {
  return [number ? "number" : "", name ?? ""].join(" ").trim();
}
