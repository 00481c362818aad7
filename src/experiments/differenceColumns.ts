import type { Table } from "../protocol/table";

/** A column of differences as text tables have it. */
export interface DifferenceColumn {
  head: string;
  of: "toZeroShot" | "toPublished";
  /** What the notes say of it. */
  note: string;
}

/** The columns of differences that a table has, of its main column: those with a number in them. */
export function differenceColumns({ sections, columns, main }: Table): DifferenceColumn[] {
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
  const cells = sections.flatMap(({ rows }) => rows.map((row) => row.cells[main]!));
  return all.filter(({ of }) => cells.some((cell) => cell[of] !== null));
}

/** The notes below a table as text. */
export function textNotes(table: Table): string[] {
  return [...table.notes, ...differenceColumns(table).map(({ note }) => note)];
}
