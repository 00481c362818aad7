import { csvCell } from "../protocol/csv";
import type { Table } from "../protocol/table";

/** Every number of the table in a line of its own (RFC 4180), in full precision; what is not known is empty. */
export function csvTable({ sections, columns, sources }: Table): string {
  const lines = [
    "section,method,kind,column,mean,deviation,seeds,of_seeds,vs_zero_shot,vs_published,source",
    ...sections.flatMap(({ title, rows }) =>
      rows.flatMap(({ label, kind, cells, source }) =>
        cells.map(({ value, toZeroShot, toPublished }, i) =>
          [
            csvCell(title),
            csvCell(label),
            kind,
            csvCell(columns[i]!),
            value?.mean ?? "",
            value?.deviation ?? "",
            value?.seeds?.there ?? "",
            value?.seeds?.of ?? "",
            toZeroShot ?? "",
            toPublished ?? "",
            source === null ? "" : csvCell(sources[source - 1]!),
          ].join(","),
        ),
      ),
    ),
  ];
  return lines.join("\r\n") + "\r\n";
}
