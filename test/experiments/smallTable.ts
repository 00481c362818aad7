import type { CellResult } from "../../src/experiments/collect";
import type { ExperimentRecord, NamedSet } from "../../src/protocol/experimentRecord";

export const named = (name: string, title = name, published: string | null = null): NamedSet => ({
  name,
  title,
  published,
});

export const record: ExperimentRecord = {
  name: "small",
  file: "/small.experiment.json",
  protocol: "base-to-novel",
  runs: "/runs",
  model: "openai/clip-vit-base-patch16",
  templates: "clip-lora",
  seeds: [1, 2, 3],
  shots: [16],
  methods: [
    { name: "Zero-shot", kind: "zero-shot" },
    { name: "GLAD", kind: "glad" },
  ],
  datasets: [named("ant"), named("bee")],
  targets: [],
  executor: { kind: "local", parallel: "auto", retries: 1 },
  cells: [],
};

/** A finished cell; of each split its hits of so many images. */
export function result(
  [method, dataset, seed, shots = 16]: [string, string, number | null, number?],
  splits: Record<string, [number, number]> | null,
): CellResult {
  const counted =
    splits &&
    Object.entries(splits).map(([split, [correct, total]]) => [split, { correct, total }] as const);
  return {
    cell: { run: "run", method, dataset, shots: seed === null ? null : shots, seed },
    state: splits ? "finished" : "failed",
    step: 1,
    steps: 1,
    splits: counted && Object.fromEntries(counted),
    failure: splits ? null : "out of memory",
  };
}

/** Two data sets whose numbers can be worked by hand. */
export const results = [
  result(["Zero-shot", "ant", null], { base: [50, 100], novel: [30, 50] }),
  result(["Zero-shot", "bee", null], { base: [1, 4], novel: [3, 4] }),
  result(["GLAD", "ant", 1], { base: [80, 100], novel: [20, 50] }),
  result(["GLAD", "ant", 2], { base: [90, 100], novel: [30, 50] }),
  result(["GLAD", "ant", 3], { base: [70, 100], novel: [25, 50] }),
  result(["GLAD", "bee", 1], { base: [2, 4], novel: [4, 4] }),
  result(["GLAD", "bee", 2], { base: [3, 4], novel: [3, 4] }),
  result(["GLAD", "bee", 3], { base: [4, 4], novel: [2, 4] }),
];
