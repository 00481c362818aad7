import { h, setAttribute } from "../dom";

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
  options: TableOptions = {},
): HTMLElement {
  const body = h("tbody", {}, ...rows.map(rowOf(columns, options)));
  return tableOf(caption, columns, [body], options);
}

/** Rows with a title over them. */
export interface RowGroup {
  title: string;
  rows: readonly (readonly Cell[])[];
}

/** As `table`, with the rows in groups whose columns stand under each other. */
export function groupedTable(
  caption: string,
  columns: readonly Column[],
  groups: readonly RowGroup[],
  options: TableOptions = {},
): HTMLElement {
  const bodies = groups.map(({ title, rows }) =>
    h(
      "tbody",
      {},
      h(
        "tr",
        { class: "group" },
        h("th", { scope: "rowgroup", colspan: columns.length }, h("span", { text: title })),
      ),
      ...rows.map(rowOf(columns, options)),
    ),
  );
  return tableOf(caption, columns, bodies, options);
}

interface TableOptions {
  class?: string;
  hideCaption?: boolean;
  /** Whether the names of rows stay in view when the table is scrolled sideways. */
  namesStay?: boolean;
}

/** Makes the row of some cells, the first of which names it. */
function rowOf(columns: readonly Column[], { namesStay }: TableOptions) {
  // The width of a name is limited by an element of its own, because that of a cell cannot be.
  const nameOf = (cell: Cell): Cell => (namesStay ? h("span", { class: "row-name" }, cell) : cell);

  return (cells: readonly Cell[]): HTMLElement =>
    h(
      "tr",
      {},
      ...cells.map((cell, i) =>
        i === 0
          ? h("th", { scope: "row", class: cellClass(columns[i]!) }, nameOf(cell))
          : h("td", { class: cellClass(columns[i]!) }, cell),
      ),
    );
}

function tableOf(
  caption: string,
  columns: readonly Column[],
  bodies: readonly HTMLElement[],
  options: TableOptions,
): HTMLElement {
  const head = columns.map(({ head: text, sorted, ...look }) =>
    h("th", { scope: "col", class: cellClass(look), "aria-sort": sorted }, text),
  );
  const made = h(
    "table",
    {},
    h(
      "caption",
      { class: options.hideCaption ? "hidden-text" : "caption" },
      h("span", { text: caption }),
    ),
    h("thead", {}, h("tr", {}, ...head)),
    ...bodies,
  );
  const names = options.namesStay ? "names-stay" : "";
  const element = h(
    "div",
    {
      class: ["table-scroll", names, options.class ?? ""].join(" ").trim(),
      tabindex: 0,
      role: "group",
      "aria-label": caption,
    },
    made,
  );
  element.addEventListener("scroll", () =>
    setAttribute(element, "data-scrolled", element.scrollLeft > 0),
  );
  return element;
}

function cellClass({ number, class: name }: Pick<Column, "number" | "class">): string {
  return [number ? "number" : "", name ?? ""].join(" ").trim();
}
