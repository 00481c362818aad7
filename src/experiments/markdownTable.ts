import { differenceText, valueText } from "./cellText";
import type { Table, TableSection } from "./tableTypes";

/** The table as Markdown: one table for each section, then notes, warnings and sources. */
export function markdownTable(table: Table): string {
  const parts = [
    `## ${table.title}`,
    ...table.sections.flatMap((section) => [`### ${section.title}`, sectionTable(section, table)]),
    ...table.notes,
    ...table.warnings.map((warning) => `**Warning:** ${warning}`),
    table.sources.map((source, i) => `${i + 1}. ${source}`).join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

function sectionTable({ rows }: TableSection, { columns, main }: Table): string {
  const lines = [
    ["Method", ...columns, "vs ZS", "vs pub.", "Source"],
    ["---", ...columns.map(() => "---:"), "---:", "---:", "---:"],
    ...rows.map(({ label, cells, source }) => [
      label.replaceAll("|", "\\|"),
      ...cells.map(({ value }) => valueText(value)),
      differenceText(cells[main]!.toZeroShot),
      differenceText(cells[main]!.toPublished),
      source === null ? "" : `[${source}]`,
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
