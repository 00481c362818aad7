import {
  lacksSeeds,
  type Table,
  type TableCell,
  type TableRow,
  type TableSection,
  type Value,
} from "../../src/protocol/table";
import type { ExportFormat, TablePageState } from "../../src/protocol/tablePage";
import { h, replaceChildren, setShown } from "../dom";
import { empty } from "../empty";
import { percent } from "../format";
import { changeText } from "../results/change";
import { t } from "../strings";
import { type Cell, type Column, groupedTable } from "../ui/table";
import { button, checkbox, select } from "../ui/toolkit";
import type { TableContext, TablePart } from "./page";

/** The table with what chooses its differences, and the buttons that save it. */
export function createTableView(context: TableContext, redraw: () => void): TablePart {
  const { state } = context;
  const nothing = empty(t("noTable"), t("noTableText"));
  const chooser = h("label", { class: "chooser" });
  const published = checkbox(t("showPublished"), state.published, (on) => {
    state.published = on;
    context.save();
    redraw();
  });
  const tools = h(
    "div",
    { class: "toolbar" },
    chooser,
    published.element,
    h("span", { class: "spacer" }),
    ...exportButtons(context),
  );
  const place = h("div", { class: "result-table" });
  const element = h("section", { class: "block" }, nothing, tools, place);
  let offered = "";
  let built = "";
  return {
    element,
    update({ table }) {
      const any = table !== null && isShown(table);
      setShown(nothing, !any);
      setShown(tools, any);
      setShown(place, any);
      if (!any) return;
      const differs = hasZeroShot(table) || hasCounterparts(table);
      const choice = JSON.stringify([table.columns, table.main, differs]);
      if (choice !== offered) {
        offered = choice;
        replaceChildren(chooser, ...(differs ? columnChoice(context, table, redraw) : []));
      }
      setShown(published.element, isCompared(table));
      const shape = JSON.stringify([table, state.column, state.published]);
      if (shape === built) return;
      built = shape;
      replaceTable(place, resultTable(table, columnOf(table, state.column), state.published));
    },
  };
}

/** Puts a table in the place of another, scrolled as far, and with the focus that it had. */
function replaceTable(place: HTMLElement, table: HTMLElement): void {
  const before = place.firstElementChild;
  const scrolled = before?.scrollLeft ?? 0;
  const focused = before !== null && before === document.activeElement;
  replaceChildren(place, table);
  table.scrollLeft = scrolled;
  if (focused) table.focus({ preventScroll: true });
}

/** Whether there is anything to show a table of. */
function isShown({ sections }: Table): boolean {
  return sections.some(({ rows }) => rows.some(isMeasuredAtAll));
}

/** What the columns of differences of the table that is shown are. */
export function differenceNotes(table: Table, { column }: TablePageState): string[] {
  if (!isShown(table)) return [];
  const head = table.columns[columnOf(table, column)]!;
  return [
    ...(hasZeroShot(table) ? [t("vsZeroShotNote", t("vsZeroShot"), head)] : []),
    ...(hasCounterparts(table) ? [t("vsPublishedNote", t("vsPublished"), head)] : []),
  ];
}

/** Whether there is a zero-shot number to compare with: an experiment may do without that method. */
function hasZeroShot({ sections }: Table): boolean {
  return sections.some(({ rows }) =>
    rows.some(({ cells }) => cells.some(({ toZeroShot }) => toZeroShot !== null)),
  );
}

function isCompared({ sources }: Table): boolean {
  return sources.length > 0;
}

/** Whether there is a published number of any of the experiment's methods, which names its source then. */
function hasCounterparts({ sections }: Table): boolean {
  return sections.some(({ rows }) =>
    rows.some(({ kind, source }) => kind === "measured" && source !== null),
  );
}

function isMeasuredAtAll({ kind, cells }: TableRow): boolean {
  return kind === "measured" && cells.some(({ value }) => value !== null);
}

function columnOf({ columns, main }: Table, chosen: number | null): number {
  return chosen !== null && chosen < columns.length ? chosen : main;
}

/** Which column the differences are of; nothing where there is but one. */
function columnChoice(context: TableContext, table: Table, redraw: () => void): (Node | null)[] {
  if (table.columns.length < 2) return [null];
  const options = table.columns.map((text, i) => ({ value: String(i), text }));
  const chosen = String(columnOf(table, context.state.column));
  const choice = select(t("differencesOf"), options, chosen, (value) => {
    context.state.column = Number(value);
    context.save();
    redraw();
  });
  return [h("span", { class: "muted", text: t("differencesOf") }), choice.element];
}

function exportButtons({ post }: TableContext): HTMLElement[] {
  const save = (format: ExportFormat, label: string): HTMLElement =>
    button({ label, look: "quiet" }, () => post({ type: "export", format, to: "file" })).element;
  const copy = button({ label: t("copyTable"), look: "quiet" }, () =>
    post({ type: "export", format: "markdown", to: "clipboard" }),
  );
  return [
    copy.element,
    save("markdown", t("saveMarkdown")),
    save("csv", t("saveCsv")),
    save("latex", t("saveLatex")),
  ];
}

function resultTable(table: Table, differences: number, published: boolean): HTMLElement {
  const against = hasZeroShot(table);
  const compared = hasCounterparts(table);
  const sourced = isCompared(table);
  const columns: Column[] = [
    { head: t("method") },
    ...table.columns.map((head) => ({ head, number: true, class: "mean" })),
    ...(against ? [{ head: t("vsZeroShot"), number: true }] : []),
    ...(compared ? [{ head: t("vsPublished"), number: true }] : []),
    ...(sourced ? [{ head: t("source"), number: true, class: "counts" }] : []),
  ];
  const groups = table.sections.map((section) => {
    const rows = section.rows.filter(({ kind }) => published || kind === "measured");
    return {
      title: section.title,
      rows: rows.map((row): Cell[] => [
        labelOf(row),
        ...row.cells.map((cell) => valueOf(row, cell)),
        ...(against ? [changeOf(row.cells[differences]!.toZeroShot)] : []),
        ...(compared ? [changeOf(row.cells[differences]!.toPublished)] : []),
        ...(sourced ? [sourceOf(row)] : []),
      ]),
    };
  });
  const caption = t("sectionTable", table.title);
  return groupedTable(`${caption}; ${t("meansOf")}`, columns, groups, {
    class: `experiment-table${table.sections.some(isPartial) ? " partial" : ""}`,
    namesStay: true,
  });
}

function labelOf({ label, kind }: TableRow): Cell {
  if (kind === "measured") return h("span", { class: "method", text: label });
  const hidden = h("span", { class: "hidden-text", text: `, ${t("published")}` });
  return h("span", { class: "published-method", title: t("published") }, label, hidden);
}

/** Mean and deviation, the points of means under each other whether they have one or not. */
function valueOf({ kind }: TableRow, { value, best }: TableCell): Cell {
  const empties = h("span", { class: "deviation" });
  if (value === null) return h("span", { class: "value muted" }, "–", empties);
  const mean = best
    ? h(
        "strong",
        { class: "best", title: t("bestMeasured") },
        percent(value.mean),
        h("span", { class: "hidden-text", text: `, ${t("bestMeasured")}` }),
      )
    : percent(value.mean);
  const deviation = value.deviation === null ? "" : `± ${percent(value.deviation)}`;
  return h(
    "span",
    { class: `value ${kind}` },
    mean,
    h("span", { class: "deviation" }, deviation, seedsOf(value)),
  );
}

/** Says that seeds are missing in a number. */
function seedsOf(value: Value): HTMLElement | null {
  if (!lacksSeeds(value)) return null;
  const { there, of } = value.seeds!;
  return h("span", { title: t("someSeeds", there, of) }, ` ${t("seedsOf", there, of)}`);
}

function isPartial({ rows }: TableSection): boolean {
  return rows.some(({ cells }) => cells.some(({ value }) => value !== null && lacksSeeds(value)));
}

function changeOf(difference: number | null): Cell {
  return difference === null ? "" : changeText(difference);
}

function sourceOf({ source }: TableRow): Cell {
  if (source === null) return "";
  return h("span", { title: t("sourceNumber", source), text: `[${source}]` });
}
