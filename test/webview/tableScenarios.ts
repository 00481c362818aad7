import type { CellResult, Counts } from "../../src/experiments/collect";
import { failuresOf, leftOf } from "../../src/host/experiments/hostExperiment";
import { progressOf } from "../../src/experiments/progress";
import { makeTable } from "../../src/experiments/table";
import { trainedSets } from "../../src/data/sets/index";
import { targetSplit } from "../../src/protocol/splits";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import type { ExperimentView } from "../../src/protocol/tablePage";
import type { TableScenario } from "./scenario";
import { darkPlus } from "./themes";

/** Base-to-novel on two published data sets with another seed than the papers', once with a run that failed. */
const record: ExperimentRecord = {
  name: "halves",
  file: "/work/halves.experiment.json",
  protocol: "base-to-novel",
  runs: "/work/.glad/runs",
  model: "openai/clip-vit-base-patch16",
  templates: "clip-lora",
  seeds: [1, 2, 4],
  shots: [16],
  methods: [
    { name: "Zero-shot", kind: "zero-shot" },
    { name: "LoRA", kind: "lora" },
    { name: "SAM", kind: "sam" },
    { name: "GLAD", kind: "glad" },
  ],
  datasets: [
    { name: "caltech101", title: "Caltech-101", published: "caltech101" },
    { name: "dtd", title: "DTD", published: "dtd" },
  ],
  targets: [],
  executor: { kind: "local", parallel: "auto", retries: 1 },
  cells: [],
};

/** Accuracies in per mille of base and novel, by data set and method, before the seed's own. */
const level: Record<string, Record<string, [number, number]>> = {
  caltech101: { "Zero-shot": [968, 940], LoRA: [981, 931], SAM: [980, 938], GLAD: [983, 946] },
  dtd: { "Zero-shot": [532, 599], LoRA: [821, 571], SAM: [818, 588], GLAD: [824, 607] },
};

function resultsOf(states: (dataset: string, method: string, seed: number) => CellResult["state"]) {
  return record.datasets.flatMap(({ name: dataset }) =>
    record.methods.flatMap(({ name: method }) =>
      (method === "Zero-shot" ? [null] : record.seeds).map((seed): CellResult => {
        const state = states(dataset, method, seed ?? 0);
        const [base, novel] = level[dataset]![method]!;
        const counts = (of: number): Counts => ({ correct: of + (seed ?? 0) * 3, total: 1000 });
        const splits = state === "finished" ? { base: counts(base), novel: counts(novel) } : null;
        const steps = method === "Zero-shot" ? 0 : 8000;
        const step = state === "finished" ? steps : state === "running" ? 3200 : 0;
        const failure = state === "failed" ? `seed ${seed}: the device was lost` : null;
        const shots = seed === null ? null : 16;
        return {
          cell: { run: "run", method, dataset, shots, seed },
          state,
          step,
          steps,
          splits,
          failure,
        };
      }),
    ),
  );
}

/** Trained on ImageNet and measured on eight others: more columns than a page is wide. */
const wideRecord: ExperimentRecord = {
  ...record,
  name: "cross",
  file: "/work/cross.experiment.json",
  protocol: "cross-dataset",
  methods: [...record.methods, { name: "GLAD alpha 0.25, rho 0.05, lora.rank 16", kind: "glad" }],
  datasets: [{ name: "imagenet", title: "ImageNet", published: "imagenet" }],
  targets: trainedSets
    .filter(({ name }) => !["imagenet", "stanfordcars", "dtd"].includes(name))
    .map(({ name, title }) => ({ name, title, published: name })),
};
const wide = wideRecord.methods.flatMap(({ name: method }, i) =>
  (method === "Zero-shot" ? [null] : record.seeds).map((seed): CellResult => {
    const counts = (of: number): Counts => ({ correct: of + 9 * i + (seed ?? 0) * 3, total: 1000 });
    const targets = wideRecord.targets.map(({ name }, k) => [
      targetSplit(name),
      counts(400 + 50 * k),
    ]);
    return {
      cell: { run: "run", method, dataset: "imagenet", shots: seed === null ? null : 16, seed },
      state: "finished",
      step: 0,
      steps: 0,
      splits: { all: counts(660), ...(Object.fromEntries(targets) as Record<string, Counts>) },
      failure: null,
    };
  }),
);

/** An experiment whose file leaves zero-shot out. */
const trainedAlone: ExperimentRecord = {
  ...wideRecord,
  name: "alone",
  methods: wideRecord.methods.filter(({ kind }) => kind !== "zero-shot"),
};
const alone = wide.filter(({ cell }) => cell.method !== "Zero-shot");

function viewOf(
  of: ExperimentRecord,
  results: CellResult[],
  more: Partial<ExperimentView>,
): ExperimentView {
  const { state = "running", waiting = 0 } = more;
  const begun = state === "running" || state === "partial";
  return {
    name: of.name,
    protocol: of.protocol,
    state: "running",
    datasets: of.datasets.map(({ name, title }) => ({ name, title })),
    methods: of.methods.map(({ name }) => name),
    cells: progressOf(of, results),
    waiting,
    left: begun ? leftOf(results, waiting) : 0,
    failures: failuresOf(results),
    problem: null,
    ...more,
  };
}

const half = resultsOf((dataset, method, seed) => {
  if (dataset === "caltech101") return "finished";
  if (method === "GLAD") return seed === 1 ? "failed" : "created";
  if (method === "SAM") return seed === 1 ? "running" : seed === 2 ? "finished" : "created";
  return "finished";
});
const all = resultsOf(() => "finished");
const failed = resultsOf((_, method) => (method === "Zero-shot" ? "created" : "failed"));
const none = resultsOf(() => "created");

/** A page whose experiment is in its middle, whole, wider than the page, without zero-shot, failed in all that was trained, before its first run, broken, or gone. */
export const tableScenarios = {
  running: scenario({
    experiment: viewOf(record, half, { waiting: 2 }),
    table: makeTable(record, half),
  }),
  finished: scenario({
    experiment: viewOf(record, all, { state: "finished" }),
    table: makeTable(record, all),
  }),
  wide: scenario({
    experiment: viewOf(wideRecord, wide, { state: "finished" }),
    table: makeTable(wideRecord, wide),
  }),
  alone: scenario({
    experiment: viewOf(trainedAlone, alone, { state: "finished" }),
    table: makeTable(trainedAlone, alone),
  }),
  failed: scenario({
    experiment: viewOf(record, failed, { state: "partial" }),
    table: makeTable(record, failed),
  }),
  new: scenario({
    experiment: viewOf(record, none, { state: "new" }),
    table: makeTable(record, none),
  }),
  broken: scenario({
    experiment: viewOf(record, [], {
      state: "broken",
      cells: [],
      datasets: [],
      methods: [],
      protocol: "",
      problem: 'halves.experiment.json, line 3: protocol is "halves", expected "few-shot" or "own"',
    }),
    table: null,
  }),
  gone: scenario({ experiment: null, table: null }),
};

function scenario(of: Pick<TableScenario, "experiment" | "table">): TableScenario {
  return { theme: darkPlus, ...of };
}
