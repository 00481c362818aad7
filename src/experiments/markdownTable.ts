import { changeText, seedsText, valueText } from "./cellText";
import { differenceColumns, textNotes } from "./differenceColumns";
import type { Table, TableSection } from "../protocol/table";

/** The table as Markdown: one table for each section, then notes, warnings and sources. */
export function markdownTable(table: Table): string {
  const parts = [
    `## ${escape(table.title)}`,
    ...table.sections.flatMap((section) => [
      `### ${escape(section.title)}`,
      sectionTable(section, table),
    ]),
    ...textNotes(table),
    ...table.warnings.map((warning) => `**Warning:** ${escape(warning)}`),
    table.sources.map((source, i) => `${i + 1}. ${source}`).join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

function sectionTable({ rows }: TableSection, table: Table): string {
  const { columns, main } = table;
  const differences = differenceColumns(table, rows);
  const sourced = rows.some(({ source }) => source !== null) ? ["Source"] : [];
  const lines = [
    ["Method", ...columns.map(escape), ...differences.map(({ head }) => head), ...sourced],
    ["---", ...[...columns, ...differences, ...sourced].map(() => "---:")],
    ...rows.map(({ label, kind, cells, source }) => [
      escape(label) + (kind === "published" ? " (published)" : ""),
      ...cells.map(({ value }) => valueText(value) + seedsText(value)),
      ...differences.map(({ of }) => changeText(cells[main]![of])),
      ...sourced.map(() => (source === null ? "" : `[${source}]`)),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A text that Markdown would otherwise take for markup, or for the end of a cell. Underscores within words are none. */
function escape(text: string): string {
  return text.replace(/[\\|*`<$~[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");
}
