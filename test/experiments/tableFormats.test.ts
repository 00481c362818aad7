import { expect, test } from "vitest";
import { renderTable } from "../../src/experiments/renderTable";
import { makeTable } from "../../src/experiments/table";
import { record, result } from "./smallTable";

/** Lines of the text that contain another. */
const linesWith = (text: string, part: string): string[] =>
  text.split("\n").filter((line) => line.includes(part));

test("a difference of zero is written alike everywhere, in line with the others", () => {
  const equal = { base: [50, 100], novel: [50, 100] } as Record<string, [number, number]>;
  const half = { base: [80, 100], novel: [80, 100] } as Record<string, [number, number]>;
  const table = makeTable(
    { ...record, seeds: [1], methods: [...record.methods, { name: "SAM", kind: "sam" }] },
    [
      result(["Zero-shot", "ant", null], equal),
      result(["GLAD", "ant", 1], equal),
      result(["SAM", "ant", 1], half),
    ],
  );
  const terminal = renderTable(table, "terminal");
  expect(linesWith(terminal, "GLAD")[0]).toMatch(/ 50\.00 {3}±0\.00$/);
  expect(linesWith(terminal, "SAM")[0]).toMatch(/ 80\.00 {2}\+30\.00$/);
  expect(linesWith(renderTable(table, "markdown"), "GLAD")[0]).toContain("| ±0.00 |");
  expect(linesWith(renderTable(table, "latex"), "GLAD")[0]).toMatch(/ & \$\\pm 0\.00\$ \\\\$/);
});
