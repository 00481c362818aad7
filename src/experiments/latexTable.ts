import { changeText, seedsText, valueText } from "./cellText";
import { type DifferenceColumn, differenceColumns, textNotes } from "./differenceColumns";
import { firstPublished, rowsOf } from "./tableRows";
import type { Table, TableRow } from "../protocol/table";

/** The table as a LaTeX tabular of the package booktabs; notes, warnings and sources are comments behind it. */
export function latexTable(table: Table): string {
  const { columns, sections } = table;
  const differences = differenceColumns(table, rowsOf(table));
  const width = 1 + columns.length + differences.length;
  const lines = [
    `% ${table.title}; needs \\usepackage{booktabs}`,
    `\\begin{tabular}{l${"r".repeat(width - 1)}}`,
    "\\toprule",
    row(["Method", ...columns.map(escape), ...differences.map(({ head }) => head)]),
    ...sections.flatMap(({ title, rows }) => [
      "\\midrule",
      wholeRow(width, `\\textit{${escape(title)}}`),
      ...rows.flatMap((each, i) => [
        ...(i === firstPublished(rows) ? ["\\addlinespace", wholeRow(width, "Published:")] : []),
        rowOf(each, table, differences),
      ]),
    ]),
    "\\bottomrule",
    "\\end{tabular}",
    ...[...textNotes(table), ...table.warnings.map((text) => `Warning: ${text}`)].map(
      (text) => `% ${text}`,
    ),
    ...table.sources.map((source, i) => `% [${i + 1}] ${source}`),
  ];
  return lines.join("\n") + "\n";
}

function rowOf(
  { label, source, cells }: TableRow,
  { main }: Table,
  differences: readonly DifferenceColumn[],
): string {
  return row([
    escape(label) + (source === null ? "" : ` [${source}]`),
    ...cells.map(({ value }) =>
      value === null ? "--" : math(valueText(value)) + seedsText(value),
    ),
    ...differences.map(({ of }) => math(changeText(cells[main]![of]))),
  ]);
}

function wholeRow(width: number, text: string): string {
  return row([`\\multicolumn{${width}}{l}{${text}}`]);
}

function row(cells: readonly string[]): string {
  return `${cells.join(" & ")} \\\\`;
}

function math(text: string): string {
  return text === "" ? "" : `$${text.replace(/± ?/, "\\pm ")}$`;
}

const special: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  // Behind the end of a row these would be taken for its options.
  "[": "{[}",
  "*": "{*}",
};

function escape(text: string): string {
  return text.replace(/[\\~^<>|[*&%$#_{}]/g, (character) => special[character] ?? `\\${character}`);
}
