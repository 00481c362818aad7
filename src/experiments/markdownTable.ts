import { differenceText, seedsText, valueText } from "./cellText";
import type { Table, TableSection } from "../protocol/table";

/** The table as Markdown: one table for each section, then notes, warnings and sources. */
export function markdownTable(table: Table): string {
  const parts = [
    `## ${escape(table.title)}`,
    ...table.sections.flatMap((section) => [
      `### ${escape(section.title)}`,
      sectionTable(section, table),
    ]),
    ...table.notes,
    ...table.warnings.map((warning) => `**Warning:** ${escape(warning)}`),
    table.sources.map((source, i) => `${i + 1}. ${source}`).join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

function sectionTable({ rows }: TableSection, { columns, main }: Table): string {
  const lines = [
    ["Method", ...columns.map(escape), "vs ZS", "vs pub.", "Source"],
    ["---", ...columns.map(() => "---:"), "---:", "---:", "---:"],
    ...rows.map(({ label, cells, source }) => [
      escape(label),
      ...cells.map(({ value }) => valueText(value) + seedsText(value)),
      differenceText(cells[main]!.toZeroShot),
      differenceText(cells[main]!.toPublished),
      source === null ? "" : `[${source}]`,
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A text that Markdown would otherwise take for markup, or for the end of a cell. Underscores within words are none. */
function escape(text: string): string {
  return text.replace(/[\\|*`<$~[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");
}
