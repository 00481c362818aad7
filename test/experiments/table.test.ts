import { expect, test } from "vitest";
import type { CellResult } from "../../src/experiments/collect";
import { published } from "../../src/experiments/published";
import { renderTable, tableFormats } from "../../src/experiments/renderTable";
import { harmonic, mean, populationDeviation } from "../../src/experiments/statistics";
import { makeTable } from "../../src/experiments/table";
import type { ExperimentRecord, NamedSet } from "../../src/protocol/experimentRecord";
import { trainedSets } from "../../src/data/sets/index";
import { named, record, result, results } from "./smallTable";

test("means, deviations and H are those worked by hand", () => {
  const { sections } = makeTable(record, results);
  const values = (section: number, label: string) =>
    sections[section]!.rows.find((row) => row.label === label)!.cells;
  // ant: base 80, 90, 70; novel 40, 60, 50: means 80 and 50, H 2*80*50/130; deviation sqrt(200/3).
  const ant = values(0, "GLAD");
  expect(ant.map(({ value }) => value!.mean)).toEqual([80, 50, 8000 / 130]);
  expect(ant[0]!.value!.deviation).toBeCloseTo(Math.sqrt(200 / 3), 12);
  const perSeed = [(3200 * 2) / 120, (5400 * 2) / 150, (3500 * 2) / 120];
  expect(ant[2]!.value!.deviation).toBeCloseTo(populationDeviation(perSeed), 12);
  expect(ant.map(({ toZeroShot }) => toZeroShot)).toEqual([30, -10, 8000 / 130 - 6000 / 110]);
  expect(values(0, "Zero-shot").map(({ value }) => value!.deviation)).toEqual([null, null, null]);
  // Average: base (80+75)/2, novel (50+75)/2; H of those two, not the mean (61.54+75)/2 of the H.
  const average = values(2, "GLAD");
  expect(sections[2]!.title).toBe("Average of 2 data sets");
  expect(average.map(({ value }) => value!.mean)).toEqual([77.5, 62.5, (2 * 77.5 * 62.5) / 140]);
  // Seeds' averages of base: (80+50)/2, (90+75)/2, (70+100)/2.
  expect(average[0]!.value!.deviation).toBeCloseTo(populationDeviation([65, 82.5, 85]), 12);
});

test("is called by the experiment and its protocol, once where they are called the same", () => {
  expect(makeTable(record, results).title).toBe("small: base-to-novel");
  expect(makeTable({ ...record, name: record.protocol }, results).title).toBe("base-to-novel");
});

test("a missing data set leaves its average out, a missing seed is told", () => {
  const some = results.map((each, i) =>
    i === 0 || i === 4 ? { ...each, state: "failed" as const, splits: null } : each,
  );
  const { sections, warnings } = makeTable(record, some);
  const cells = (section: number, row: number) => sections[section]!.rows[row]!.cells;
  expect(cells(0, 0).map(({ value }) => value)).toEqual([null, null, null]);
  expect(cells(2, 0)[0]!.value).toBeNull();
  // Seed 3 alone is missing: the mean is over 80 and 90.
  expect(cells(0, 1)[0]!.value).toEqual({
    mean: 85,
    deviation: 5,
    seeds: { there: 2, of: 3 },
  });
  // So the average is over seeds 1 and 2: (80+50)/2 and (90+75)/2.
  expect(cells(2, 1)[0]!.value).toEqual({
    mean: 73.75,
    deviation: 8.75,
    seeds: { there: 2, of: 3 },
  });
  expect(warnings[0]).toBe(
    "2 of 8 runs have no result yet, 2 of them because of a failure: means are over the seeds that are there, averages over those that all their data sets have; without any they are left out.",
  );
});

test("text says of which column differences are, and of none that it has not", () => {
  const own = { ...record, protocol: "few-shot" as const, shots: [1, 4] };
  const counts = { all: [6, 10] } as Record<string, [number, number]>;
  const lone = [1, 4].map((shots) => result(["GLAD", "ant", 1, shots], counts));
  const table = makeTable(own, [...lone, result(["Zero-shot", "ant", null], counts)]);
  const without = makeTable(own, lone);
  for (const format of ["terminal", "markdown", "latex"] as const) {
    const text = renderTable(table, format);
    expect(text).toContain("vs ZS: percentage points in the column 4 shots above zero-shot.");
    expect(text).not.toContain("vs pub.");
    expect(text).not.toContain("brackets");
    expect(renderTable(without, format)).not.toContain("vs ZS");
  }
});

test("where no run has a result, nothing is said of means", () => {
  const none = results.map(({ cell }) => ({ ...result(["", "", 1], null), cell }));
  const { warnings } = makeTable(record, none);
  expect(warnings[0]).toBe("8 of 8 runs have no result yet, 8 of them because of a failure.");
});

test("averages of transfer leave the source out", () => {
  const transfer: ExperimentRecord = {
    ...record,
    protocol: "own",
    datasets: [named("home")],
    targets: [named("near"), named("far")],
  };
  const splits = { all: [9, 10], "target:near": [6, 10], "target:far": [2, 10] } as Record<
    string,
    [number, number]
  >;
  const { columns, sections } = makeTable(transfer, [result(["GLAD", "home", 1], splits)]);
  expect(columns).toEqual(["home", "near", "far", "Average"]);
  const glad = sections[0]!.rows.find(({ label }) => label === "GLAD")!;
  expect(glad.cells.map(({ value }) => value?.mean)).toEqual([90, 60, 20, 40]);
});

/** The published averages to what their rows per data set add up to. */
const eleven = trainedSets.map(({ name, title }) => named(name, title, name));

test.each([
  ["CLIP", 69.34, 74.22, 71.7],
  ["MaPLe", 82.28, 75.14, 78.55],
  ["PromptSRC", 84.26, 76.1, 79.97],
])("published base-to-novel of %s recomputes to its average", (method, ...average) => {
  const row = published.find(
    (each) => each.method === method && each.protocol === "base-to-novel",
  )!;
  expect(row.average).toEqual(average);
  const sets = eleven.map(({ name }) => row.sets[name]! as number[]);
  const [base, novel] = [0, 1].map((i) => mean(sets.map((values) => values[i]!))) as [
    number,
    number,
  ];
  expect(Math.abs(base - average[0])).toBeLessThan(0.011);
  expect(Math.abs(novel - average[1])).toBeLessThan(0.011);
  expect(Math.abs(harmonic(base, novel) - average[2])).toBeLessThan(0.021);
  for (const [b, n, h] of sets) expect(Math.abs(harmonic(b!, n!) - h!)).toBeLessThan(0.021);
});

test("our rule makes the published average of counts that are the published accuracies", () => {
  const row = published.find(
    ({ method, protocol }) => method === "CLIP" && protocol === "base-to-novel",
  )!;
  const cells = eleven.map(({ name }) => {
    const [base, novel] = row.sets[name]! as number[];
    const counts = (accuracy: number): [number, number] => [Math.round(accuracy * 100), 10_000];
    return result(["Zero-shot", name, null], { base: counts(base!), novel: counts(novel!) });
  });
  const { sections } = makeTable({ ...record, datasets: eleven }, cells);
  const [ours] = sections.at(-1)!.rows;
  expect(ours!.cells.map(({ value }) => value!.mean.toFixed(2))).toEqual([
    "69.34",
    "74.22",
    "71.70",
  ]);
  // It is compared with CLIP as published, of which it is a copy.
  for (const { toPublished } of ours!.cells) expect(Math.abs(toPublished!)).toBeLessThan(0.01);
});

test.each(["cross-dataset", "domain-generalization"] as const)(
  "published targets of %s recompute to their averages",
  (protocol) => {
    const rows = published.filter((row) => row.protocol === protocol);
    let complete = 0;
    for (const { sets, average } of rows) {
      const { imagenet: _source, ...targets } = sets;
      const values = Object.values(targets).map((each) => each![0]!);
      if (values.length === 0) continue;
      complete++;
      // Printed with two decimals: the mean of rounded numbers may be off by one in the last place.
      expect(Math.abs(mean(values) - average![0]!)).toBeLessThan(0.011);
    }
    expect(complete).toBe(protocol === "cross-dataset" ? 4 : 6);
  },
);

test("a table with everything in it, in every format", () => {
  const few: ExperimentRecord = {
    ...record,
    seeds: [1, 2],
    shots: [8],
    templates: "dataset",
    model: "openai/clip-vit-large-patch14",
    datasets: [named("caltech101", "Caltech-101", "caltech101"), named("dtd", "DTD", "dtd")],
    methods: [...record.methods, { name: "LoRA & 50%", kind: "lora" }],
  };
  const cells = results
    .filter(({ cell }) => cell.seed !== 3)
    .map((each) => ({
      ...each,
      cell: {
        ...each.cell,
        shots: each.cell.shots && 8,
        dataset: each.cell.dataset === "ant" ? "caltech101" : "dtd",
      },
    }));
  const lora = result(["LoRA & 50%", "dtd", 1, 8], null);
  const table = makeTable(few, [...cells, lora]);
  for (const format of tableFormats) {
    const text = renderTable(table, format);
    if (format === "terminal")
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    if (format === "json") expect(JSON.parse(text)).toEqual(table);
    else expect(text).toMatchSnapshot(format);
  }
});

test("many columns stand below each other in 80", () => {
  const cross: ExperimentRecord = {
    ...record,
    protocol: "cross-dataset",
    datasets: [eleven[0]!],
    targets: eleven.slice(1),
  };
  const text = renderTable(makeTable(cross, []), "terminal");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toMatchSnapshot();
});

/** Numbers of a text table's row, deviations apart from their means. */
const numbersIn = (cells: string[]): number[] =>
  cells.flatMap((cell) => cell.match(/[+-]?\d+\.\d+/g) ?? []).map(Number);

test("all formats say the same numbers, whatever the methods and data sets are called", () => {
  const difficult: ExperimentRecord = {
    ...record,
    datasets: [named("my_set", "my_set"), named("dtd", "DTD", "dtd")],
    methods: [
      { name: "Zero-shot", kind: "zero-shot" },
      { name: '[a] *b* 50% & $x_1$ <i> "q", c|d~^\\ #{}', kind: "glad" },
      { name: 'GLAD alpha 0.25, rho 0.05, learningRate 0.0002, targets ["q","k"]', kind: "glad" },
    ],
  };
  const cells = results.flatMap((each) => {
    const dataset = each.cell.dataset === "ant" ? "my_set" : "dtd";
    const names =
      each.cell.method === "GLAD" ? difficult.methods.slice(1) : [{ name: "Zero-shot" }];
    return names.map(({ name }) => ({ ...each, cell: { ...each.cell, dataset, method: name } }));
  });
  const table = makeTable(difficult, cells);
  const wanted = table.sections.flatMap(({ rows }) =>
    rows.map(({ cells: values }) => {
      const [difference] = values.slice(table.main);
      const two = (number: number | null | undefined): number[] =>
        number === null || number === undefined ? [] : [Number(number.toFixed(2))];
      return [
        ...values.flatMap(({ value }) => [...two(value?.mean), ...two(value?.deviation)]),
        ...two(difference!.toZeroShot),
        ...two(difference!.toPublished),
      ];
    }),
  );
  const labels = table.sections.flatMap(({ rows }) =>
    rows.map(({ label, kind }) => label + (kind === "published" ? " (published)" : "")),
  );
  const markdown = renderTable(table, "markdown")
    .split("\n")
    .filter((line) => /^\| (?!Method|---)/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  expect(markdown.map((cells) => numbersIn(cells.slice(2, -1)))).toEqual(wanted);
  const unescaped = markdown.map((cells) => cells[1]!.replace(/\\(.)/g, "$1"));
  expect(unescaped).toEqual(labels);
  const latex = renderTable(table, "latex")
    .split("\n")
    .filter((line) => / & .*\\\\$/.test(line) && !line.startsWith("Method"))
    .map((line) => line.replace(/ \\\\$/, "").split(/(?<!\\) & /));
  expect(latex.map((cells) => numbersIn(cells.slice(1)))).toEqual(wanted);
  for (const cells of latex) expect(cells).toHaveLength(table.columns.length + 3);
  // A row that began with a bracket would be taken for the end of the row before it.
  expect(latex.map(([label]) => label).filter((label) => label!.startsWith("["))).toEqual([]);
  const csv = parseCsv(renderTable(table, "csv"));
  expect(new Set(csv.map((cells) => cells.length))).toEqual(new Set([11]));
  const text = (number: number | null | undefined) => `${number ?? ""}`;
  const exact = table.sections.flatMap(({ title, rows }) =>
    rows.flatMap(({ label, kind, cells: values, source }) =>
      values.map(({ value, toZeroShot, toPublished }, i) => [
        ...[title, label, kind, table.columns[i]!],
        ...[value?.mean, value?.deviation, value?.seeds?.there, value?.seeds?.of].map(text),
        ...[toZeroShot, toPublished].map(text),
        source === null ? "" : table.sources[source - 1]!,
      ]),
    ),
  );
  expect(csv.slice(1)).toEqual(exact);
  expect(JSON.parse(renderTable(table, "json"))).toEqual(table);
  const terminal = renderTable(table, "terminal").split("\n");
  for (const line of terminal) expect(line.length).toBeLessThanOrEqual(80);
  // Numbers stand in columns of their own; those of a label follow a single blank.
  const printed = terminal
    .slice(
      0,
      terminal.findIndex((line) => line.startsWith("Top-1")),
    )
    .flatMap((line) => [...line.matchAll(/(?: {2}|±)([+-]?\d+\.\d+)/g)].map((match) => match[1]));
  // Columns that do not fit stand below the others.
  expect(printed.map(Number).sort()).toEqual(wanted.flat().sort());
});

/** RFC 4180, as a spreadsheet reads it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

test("equal numbers have no deviation, whatever rounding makes of their mean", () => {
  const third = 1300 / 28;
  expect(mean([third, third, third])).not.toBe(third);
  expect(populationDeviation([third, third, third])).toBe(0);
});

test("warnings say what is not as published: model, images, prompt, order, steps and rank", () => {
  const other: ExperimentRecord = {
    ...record,
    datasets: eleven,
    templates: "dataset",
    methods: [
      { name: "Zero-shot", kind: "zero-shot" },
      {
        name: "LoRA",
        kind: "lora",
        changed: { "lora.rank": 16, "glad.alpha": 0, "data.order": "clip-lora" },
      },
      { name: "LoRA short", kind: "lora", changed: { "training.steps": 4800 } },
      {
        name: "GLAD",
        kind: "glad",
        model: "openai/clip-vit-large-patch14",
        changed: { "glad.rho": 0.1 },
      },
    ],
  };
  const counts = result(["LoRA", "dtd", 1], { base: [5, 900], novel: [5, 700] });
  const whole = result(["LoRA", "caltech101", 1], { base: [5, 1549], novel: [5, 916] });
  const { warnings } = makeTable(other, [counts, whole]);
  expect(warnings).toMatchInlineSnapshot(`
    [
      "Published numbers are with OpenAI's CLIP ViT-B/16, here openai/clip-vit-large-patch14: differences to them compare unlike.",
      "Not measured on as many test images as are published: DTD 1,600 of 1,692.",
      "Published CLIP-LoRA (2SFS) is with one prompt for all, LoRA here with each data set's own.",
      "Published CLIP-LoRA (2SFS) is with training.steps 300 x shots, lora.rank 2, data.order coop; LoRA here with training.steps 500 x shots, lora.rank 16, data.order clip-lora.",
      "Published CLIP-LoRA (2SFS) is with one prompt for all, LoRA short here with each data set's own.",
      "Published GLAD is with one prompt for all, GLAD here with each data set's own.",
      "With which settings published GLAD was trained is not known in full; GLAD here is with glad.rho 0.1, by default glad.rho 0.05.",
    ]
  `);
  // The step budget of 2SFS's repository is 300 for each shot.
  expect(warnings.filter((text) => text.includes("LoRA short"))).toHaveLength(1);
});

test("a difference to zero-shot is to that of the same model", () => {
  const large = "openai/clip-vit-large-patch14";
  const two: ExperimentRecord = {
    ...record,
    methods: [...record.methods, { name: "GLAD L", kind: "glad", model: large }],
  };
  const more = results.filter(({ cell }) => cell.method === "GLAD");
  const cells = [
    ...results,
    ...more.map((each) => ({ ...each, cell: { ...each.cell, method: "GLAD L" } })),
  ];
  const ofLarge = (record: ExperimentRecord, cells: CellResult[]) =>
    makeTable(record, cells).sections[0]!.rows.find(({ label }) => label === "GLAD L")!.cells[0]!;
  expect(ofLarge(two, cells).toZeroShot).toBeNull();
  const measured: ExperimentRecord = {
    ...two,
    methods: [...two.methods, { name: "Zero-shot L", kind: "zero-shot", model: large }],
  };
  const zero = result(["Zero-shot L", "ant", null], { base: [79, 100], novel: [30, 50] });
  expect(ofLarge(measured, [...cells, zero]).toZeroShot).toBe(1);
});

test("numbers by data set name the paper that they are from, averages where those were read", () => {
  const sourcesOf = (datasets: NamedSet[]) => {
    const { sections, sources } = makeTable({ ...record, datasets }, []);
    const { source } = sections.at(-1)!.rows.find(({ label }) => label === "MaPLe")!;
    return sources[source! - 1];
  };
  const of = (...names: string[]) => eleven.filter(({ name }) => names.includes(name));
  expect(sourcesOf(of("dtd"))).toBe("MaPLe's paper (as known from the paper)");
  expect(sourcesOf(of("dtd", "ucf101"))).toBe("MaPLe's paper (as known from the paper)");
  expect(sourcesOf(eleven)).toBe("README of MaPLe and PromptSRC (read in the repository)");
});

test("seeds that end far apart are told, where chance does not explain it", () => {
  const warnings = (correct: number[], total: number) =>
    makeTable(
      record,
      correct.map((hits, i) =>
        result(["GLAD", "ant", i + 1], { base: [hits, total], novel: [1, 10] }),
      ),
    ).warnings;
  expect(warnings([203, 254, 1066], 1692)).toEqual([
    "GLAD on ant with 16 shots, base classes: 12.00 (seed 1), 15.01 (seed 2), 63.00 (seed 3) lie far apart, so that their mean says little; look at the curves of these runs.",
  ]);
  expect(warnings([1000, 1050, 1100], 1692)).toEqual([]);
  expect(warnings([8, 10, 12], 20)).toEqual([]);
});
