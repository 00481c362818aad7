import { expect, test } from "vitest";
import type { CellResult } from "../../src/experiments/collect";
import { renderTable, type TableFormat } from "../../src/experiments/renderTable";
import { makeTable } from "../../src/experiments/table";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import { record, result, results } from "./smallTable";

/** Whether a column's mean is best, by method. */
const bestIn = (record: ExperimentRecord, cells: CellResult[], section = 0, column = 0) =>
  Object.fromEntries(
    makeTable(record, cells)
      .sections[section]!.rows.filter(({ kind }) => kind === "measured")
      .map(({ label, cells }) => [label, cells[column]!.best]),
  );

test("means that print alike are best together, in a data set and in the average", () => {
  const three: ExperimentRecord = {
    ...record,
    methods: [...record.methods, { name: "SAM", kind: "sam" }],
  };
  const of = (method: string, hits: number[]) =>
    ["ant", "bee"].flatMap((dataset) =>
      hits.map((correct, i) =>
        result([method, dataset, i + 1], { base: [correct, 60], novel: [1, 2] }),
      ),
    );
  // The same sum in another order: another last digit.
  const cells = [...of("GLAD", [46, 46, 45]), ...of("SAM", [45, 46, 46])];
  const means = makeTable(three, cells).sections[0]!.rows.slice(1, 3);
  expect(new Set(means.map(({ cells }) => cells[0]!.value!.mean)).size).toBe(2);
  const together = { "Zero-shot": false, GLAD: true, SAM: true };
  expect(bestIn(three, cells, 0)).toEqual(together);
  expect(bestIn(three, cells, 2)).toEqual(together);
  // One alone is the best of nothing.
  expect(bestIn(three, of("GLAD", [45, 46, 46])).GLAD).toBe(false);
});

test("a mean over some of the seeds is not the best, and every format says so", () => {
  const cells = results.filter(({ cell }) => cell.seed !== 3);
  const lora = ["ant", "bee"].flatMap((dataset) =>
    [1, 2, 3].map((seed) => result(["LoRA", dataset, seed], { base: [6, 10], novel: [6, 10] })),
  );
  const both: ExperimentRecord = {
    ...record,
    methods: [...record.methods, { name: "LoRA", kind: "lora" }],
  };
  const table = makeTable(both, [...cells, ...lora]);
  for (const section of [0, 2])
    expect(bestIn(both, [...cells, ...lora], section)).toEqual({
      "Zero-shot": false,
      GLAD: false,
      LoRA: true,
    });
  expect(table.notes[0]).toContain(
    "over 3 seeds (1, 2, 3), except where (2/3) behind a number says that it is over 2 of them.",
  );
  expect(makeTable(both, [...results, ...lora]).notes[0]).toMatch(/over 3 seeds \(1, 2, 3\)\.$/);
  const lineOf = (format: TableFormat) =>
    renderTable(table, format)
      .split("\n")
      .find((line) => line.includes("GLAD"))!;
  expect(lineOf("terminal")).toMatch(/^ *GLAD +85\.00±5\.00 \(2\/3\)/);
  expect(lineOf("markdown")).toMatch(/^\| GLAD \| 85\.00 ± 5\.00 \(2\/3\) \|/);
  expect(lineOf("latex")).toMatch(/^GLAD & \$85\.00 \\pm 5\.00\$ \(2\/3\) &/);
  expect(lineOf("csv")).toMatch(/^ant,GLAD,measured,Base,85,5,2,3,/);
  for (const line of renderTable(table, "terminal").split("\n"))
    expect(line.length).toBeLessThanOrEqual(80);
});
