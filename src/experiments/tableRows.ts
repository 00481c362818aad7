import type { Table, TableRow } from "../protocol/table";

/** The rows of all sections. */
export function rowsOf({ sections }: Table): TableRow[] {
  return sections.flatMap(({ rows }) => rows);
}

/** Where a section's published rows begin, which stand behind all measured ones; null where it has none. */
export function firstPublished(rows: readonly TableRow[]): number | null {
  const at = rows.findIndex(({ kind }) => kind === "published");
  return at < 0 ? null : at;
}
