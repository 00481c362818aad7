import { csvTable } from "./csvTable";
import { latexTable } from "./latexTable";
import { markdownTable } from "./markdownTable";
import type { Table } from "../protocol/table";
import { terminalTable } from "./terminalTable";

export const tableFormats = ["terminal", "markdown", "csv", "latex", "json"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** The table as text, with a line's end behind it. */
export function renderTable(table: Table, format: TableFormat): string {
  switch (format) {
    case "terminal":
      return terminalTable(table);
    case "markdown":
      return markdownTable(table);
    case "csv":
      return csvTable(table);
    case "latex":
      return latexTable(table);
    case "json":
      return JSON.stringify(table, null, 2) + "\n";
  }
}
