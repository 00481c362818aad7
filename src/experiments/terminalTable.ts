import { padLeft, padRight, widthOf, wrap } from "../util/columns";
import { changeText, seedsText, valueText } from "./cellText";
import { differenceColumns, textNotes } from "./differenceColumns";
import type { Table, TableRow, TableSection } from "../protocol/table";
import { firstPublished } from "./tableRows";

const width = 80;
const gap = 2;
const widestLabel = 34;

/** A column as texts, the first of which is its head. */
interface Column {
  texts: string[];
  width: number;
}

/** The table as lines of at most 80 columns; columns that do not fit stand below, with the labels again. */
export function terminalTable(table: Table): string {
  const lines = [table.title, ""];
  for (const section of table.sections) lines.push(...sectionLines(section, table), "");
  for (const note of textNotes(table)) lines.push(...wrap("", note));
  for (const warning of table.warnings) lines.push("", ...wrap("warning: ", warning));
  if (table.sources.length > 0) lines.push("");
  table.sources.forEach((source, i) => lines.push(...wrap(`[${i + 1}] `.padStart(5), source)));
  return lines.join("\n") + "\n";
}

function sectionLines({ title, rows }: TableSection, table: Table): string[] {
  const { columns, main } = table;
  // A sweep's labels may be long: all but the last line of one stand above its numbers.
  const labels = ["", ...rows.map(labelOf)].map((label) => wrap("", label, widestLabel));
  const labelWidth = Math.max(...labels.flat().map(widthOf));
  const values = columns.map((head, i) =>
    column(
      head,
      rows.map(({ cells: { [i]: cell } }) => valueText(cell!.value, "±") + seedsText(cell!.value)),
    ),
  );
  const differences = differenceColumns(table, rows).map(({ head, of }) =>
    column(
      head,
      rows.map(({ cells }) => changeText(cells[main]![of])),
    ),
  );
  const lines = [title];
  for (const block of pack([...values, ...differences], width - labelWidth)) {
    if (lines.length > 1) lines.push("");
    for (let i = 0; i <= rows.length; i++) {
      const texts = block.map((each) => " ".repeat(gap) + padded(each, i));
      const label = labels[i]!;
      if (i > 0 && i - 1 === firstPublished(rows)) lines.push("Published:");
      lines.push(...label.slice(0, -1));
      lines.push((padRight(label.at(-1)!, labelWidth) + texts.join("")).trimEnd());
    }
  }
  return lines;
}

/** Published rows name their source, ours the one of the row that they are compared with. */
function labelOf({ label, source }: TableRow): string {
  return source === null ? label : `${label} [${source}]`;
}

function column(head: string, texts: string[]): Column {
  const all = [head, ...texts];
  return { texts: all, width: Math.max(...all.map(widthOf)) };
}

/** Numbers stand below each other by their points, with or without a deviation behind them. */
function padded({ texts, width }: Column, row: number): string {
  const text = texts[row]!;
  const longest = Math.max(0, ...texts.slice(1).map((each) => each.length - headLength(each)));
  const missing = row === 0 ? 0 : longest - (text.length - headLength(text));
  return padLeft(text + " ".repeat(missing), width);
}

/** Length of a value before its deviation and its seeds. */
function headLength(text: string): number {
  // A difference of zero begins with its sign.
  const at = text.search(/(?<!^)±| \(/);
  return at < 0 ? text.length : at;
}

/** Columns in blocks that are no wider than `room`, as many as fit in each. */
function pack(columns: readonly Column[], room: number): Column[][] {
  const blocks: Column[][] = [[]];
  let left = room;
  for (const each of columns) {
    const needed = gap + each.width;
    if (needed > left && blocks.at(-1)!.length > 0) {
      blocks.push([]);
      left = room;
    }
    blocks.at(-1)!.push(each);
    left -= needed;
  }
  return blocks;
}
