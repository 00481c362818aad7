import { expect, test } from "vitest";
import { renderTable } from "../../src/experiments/renderTable";
import { makeTable } from "../../src/experiments/table";
import { named, record, result, results } from "./smallTable";

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

/** One data set of the benchmark, and one that nothing is published of. */
const half = makeTable(
  { ...record, datasets: [named("dtd", "DTD", "dtd"), named("bee")] },
  results.map((each) => ({
    ...each,
    cell: { ...each.cell, dataset: each.cell.dataset === "ant" ? "dtd" : "bee" },
  })),
);

/** First cells of a section's lines in a text. */
const labelsIn = (text: string, from: string, to: string, end: RegExp): string[] =>
  text
    .slice(text.indexOf(from), text.indexOf(to))
    .split("\n")
    .slice(1)
    .map((line) => line.split(end)[0]!.trim())
    .filter((label) => label !== "");

test("published rows are told from measured ones in every format", () => {
  const published = ["CLIP [1]", "MaPLe [2]", "PromptSRC [3]"];
  expect(labelsIn(renderTable(half, "terminal"), "DTD", "bee", / {2}/)).toEqual([
    ...["Zero-shot [1]", "GLAD", "Published:"],
    ...published,
  ]);
  expect(
    labelsIn(
      renderTable(half, "latex"),
      "{DTD}",
      "\\midrule\n\\multicolumn{6}{l}{\\textit{bee}",
      / & | \\\\$/,
    ),
  ).toEqual([
    ...["Zero-shot [1]", "GLAD", "\\addlinespace", "\\multicolumn{6}{l}{Published:}"],
    ...published,
  ]);
  const names = linesWith(renderTable(half, "markdown"), "(published)").map(
    (line) => line.split(" | ")[0],
  );
  expect(names).toEqual(["| CLIP (published)", "| MaPLe (published)", "| PromptSRC (published)"]);
  expect(renderTable(half, "csv")).toContain("\r\nDTD,CLIP,published,");
});

test("a Markdown table has the columns that its section has something for", () => {
  expect(linesWith(renderTable(half, "markdown"), "| Method")).toEqual([
    "| Method | Base | Novel | H | vs ZS | vs pub. | Source |",
    "| Method | Base | Novel | H | vs ZS |",
    "| Method | Base | Novel | H | vs ZS |",
  ]);
});
