import type { Table, TableRow } from "../protocol/table";
import { rowsOf } from "./tableRows";

/** A column of differences as text tables have it. */
export interface DifferenceColumn {
  head: string;
  of: "toZeroShot" | "toPublished";
  /** What the notes say of it. */
  note: string;
}

/** The columns of differences that some rows of a table have, of its main column: those with a number in them. */
export function differenceColumns(
  { columns, main }: Table,
  rows: readonly TableRow[],
): DifferenceColumn[] {
  const where = `in the column ${columns[main]!}`;
  const all: DifferenceColumn[] = [
    {
      head: "vs ZS",
      of: "toZeroShot",
      note: `vs ZS: percentage points ${where} above zero-shot.`,
    },
    {
      head: "vs pub.",
      of: "toPublished",
      note: `vs pub.: percentage points ${where} above the published row with the same source number.`,
    },
  ];
  return all.filter(({ of }) => rows.some(({ cells }) => cells[main]![of] !== null));
}

/** The notes below a table as text. */
export function textNotes(table: Table): string[] {
  return [...table.notes, ...differenceColumns(table, rowsOf(table)).map(({ note }) => note)];
}
