import { appendFileSync } from "node:fs";

/** A line of the table that `npm run bench` ends with. */
export interface Row {
  what: string;
  measured: string;
  goal: string;
  /** Null where something was missing for the measurement. */
  reached: boolean | null;
}

/** A row whose value must be at least (or, negated, at most) a number; NaN was not measured, for the reason in `detail`. */
export function row(
  what: string,
  value: number,
  goal: { least: number } | { most: number },
  detail = "",
): Row {
  const [sign, limit] = "least" in goal ? ["at least", goal.least] : ["at most", goal.most];
  const missing = Number.isNaN(value);
  return {
    what,
    measured: missing ? detail : `${value.toFixed(2)}${detail === "" ? "" : ` (${detail})`}`,
    goal: `${sign} ${limit}`,
    reached: missing ? null : "least" in goal ? value >= limit : value <= limit,
  };
}

/** Prints rows, or hands them to the benchmark that started this one. */
export function report(rows: readonly Row[]): void {
  const file = process.env.GLAD_BENCH_ROWS;
  if (file === undefined) printRows(rows);
  else appendFileSync(file, rows.map((line) => JSON.stringify(line) + "\n").join(""));
}

/** Prints rows as a Markdown table. */
export function printRows(rows: readonly Row[]): void {
  console.log("\n| what | measured | must reach | |\n|---|---|---|---|");
  for (const { what, measured, goal, reached } of rows) {
    const word = reached === null ? "not measured" : reached ? "reached" : "missed";
    console.log(`| ${what} | ${measured} | ${goal} | ${word} |`);
  }
}
