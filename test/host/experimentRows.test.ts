import { expect, test, vi } from "vitest";
import type { Counts } from "../../src/experiments/collect";
import { type Entry, newEntry, viewOfEntry } from "../../src/host/experiments/experimentEntry";
import { progressIn, resultsOf } from "../../src/host/experiments/hostExperiment";
import type { HostExperiment } from "../../src/host/experiments/hostExperiment";
import type { HostRun } from "../../src/host/runs/hostRun";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";

vi.mock("vscode", () => import("../support/vscodeRows"));
const { describeExperiment, experimentItem } =
  await import("../../src/host/experiments/experimentNodes");
const { tableKey, viewOf } = await import("../../src/host/experiments/tableSession");

const count: Counts = { correct: 1, total: 2 };

/** An experiment with two runs of LoRA that made their steps, on these targets. */
function recordOn(...targets: string[]): ExperimentRecord {
  const cells = ["a", "b"].map((run, seed) => ({
    ...{ dataset: "photos", method: "LoRA", shots: 2, seed, run },
  }));
  return {
    ...{ name: "more", runs: "/runs", datasets: [{ name: "photos", title: "photos" }], shots: [2] },
    methods: [{ name: "LoRA", kind: "lora" }],
    targets: targets.map((name) => ({ name, title: name })),
    cells,
  } as unknown as ExperimentRecord;
}

/** The experiment, its runs measured on these targets; the first one, at work, has just measured those besides. */
function experimentOf(
  record: ExperimentRecord,
  measured: string[][],
  since: string[] = [],
  steps = 3,
): HostExperiment {
  const run = (id: string): HostRun => {
    const fresh = id.endsWith("a") ? since : [];
    return {
      id,
      state: fresh.length > 0 ? "running" : "finished",
      status: { step: 3, steps },
      record: { step: 3, evaluations: fresh.map((split) => ({ step: 3, split })) },
    } as unknown as HostRun;
  };
  const splits = (id: string): Record<string, Counts> => {
    const own = measured[id.endsWith("a") ? 0 : 1]!;
    return Object.fromEntries(
      ["all", ...own.map((name) => `target:${name}`)].map((s) => [s, count]),
    );
  };
  const results = resultsOf(record, run, splits);
  const progress = progressIn(record, results);
  const rest = { lost: 0, waiting: 0, left: 0, problem: null, stale: null } as const;
  const more = { file: "/more.experiment.json", name: "more", state: "partial" } as const;
  return { ...more, record, results, progress, ...rest };
}

test("runs that are only to be measured on more are told, and the bar moves with what is measured", () => {
  const record = recordOn("night", "dusk", "dawn");
  const told = (measured: string[][], since?: string[], steps?: number): string =>
    describeExperiment(experimentOf(record, measured, since, steps)).replace(" · incomplete", "");
  const old = ["night"];
  expect(told([old, old])).toBe("▰▰▰▰▱▱▱▱ 0/2 runs · 2 only to be measured");
  // Its trainer has measured one of two, and writes its result at the end.
  expect(told([old, old], ["target:dusk"])).toBe(
    "▰▰▰▰▰▱▱▱ 0/2 runs · 1 only to be measured · 1 running",
  );
  // Also where accuracy no longer improved before all steps were made.
  expect(told([old, old], ["target:dusk"], 9)).toBe(
    "▰▰▰▰▰▱▱▱ 0/2 runs · 1 only to be measured · 1 running",
  );
  const all = ["night", "dusk", "dawn"];
  expect(told([all, old])).toBe("▰▰▰▰▰▰▱▱ 1/2 runs · 1 only to be measured");
  expect(told([all, all])).toBe("▰▰▰▰▰▰▰▰ 2/2 runs");
  const experiment = experimentOf(record, [all, old]);
  const [progress] = experiment.progress;
  const item = experimentItem({ kind: "cell", experiment, progress: progress! });
  expect(item.description).toBe("▰▰▰▰▰▰▱▱ 1/2 seeds · 6/6 steps · 1 only to be measured");
});

test("a run that waits only to be measured is counted once", () => {
  const record = recordOn("night");
  const entry: Entry = {
    ...newEntry({ file: "/more.experiment.json", name: "more", output: "/" }),
    ...{ record, recordTime: 2, fileTime: 1, askedAt: 9, answered: true },
    pending: new Map([
      ["/runs/a", "created"],
      ["/runs/b", "stopped"],
    ]),
  };
  const run = (id: string): HostRun =>
    ({
      id,
      state: id.endsWith("a") ? "created" : "stopped",
      status: { step: id.endsWith("a") ? 0 : 3, steps: 3 },
      record: { step: 3, evaluations: [] },
    }) as unknown as HostRun;
  const splits = (id: string): Record<string, Counts> | null =>
    id.endsWith("a") ? null : { all: count };
  const texts = { fileGone: "", trainerGone: "" };
  const experiment = viewOfEntry(entry, { run, splits, texts });
  expect(experiment.waiting).toBe(1);
  expect(describeExperiment(experiment)).toMatch(/ 0\/2 runs · 1 only to be measured · 1 waiting$/);
});

test("a row says what is wrong without the file's name, and a method's tooltip names its data set as people do", () => {
  const record = recordOn("night");
  const experiment = experimentOf(record, [["night"], ["night"]]);
  const told = (problem: string): string =>
    describeExperiment({ ...experiment, state: "broken", problem });
  const { file } = experiment;
  expect(told(`${file} is empty: write one`)).toBe("cannot be read: it is empty: write one");
  expect(told(`${file}, line 3: no "}"\n${file}, line 5: more`)).toBe(
    'cannot be read: line 3: no "}"',
  );
  expect(told(`${file}: has no "root"`)).toBe('cannot be read: has no "root"');
  const titled = {
    ...experiment,
    record: { ...record, datasets: [{ name: "co-1", title: "犬" }] },
  };
  const progress = { ...experiment.progress[0]!, dataset: "co-1" };
  const cell = { kind: "cell", experiment: titled as HostExperiment, progress } as const;
  expect(experimentItem(cell).tooltip).toMatch(/^犬, LoRA\n/);
});

test("a finished experiment whose images are others by now says so in its row and on its page", () => {
  const all = [["night"], ["night"]];
  const finished = { ...experimentOf(recordOn("night"), all), state: "finished" } as const;
  const stale = "photos: the images are others\ndtd: so are these";
  const item = experimentItem({ kind: "experiment", experiment: { ...finished, stale } });
  expect(item.description).toBe("▰▰▰▰▰▰▰▰ 2/2 runs · photos: the images are others");
  expect(item.tooltip).toMatch(/\nphotos: the images are others\ndtd: so are these$/);
  expect(item.iconPath).toMatchObject({ id: "warning" });
  expect(viewOf({ ...finished, stale }).problem).toBe(stale);
  // What is wrong with the file comes first.
  expect(viewOf({ ...finished, stale, problem: "is gone" }).problem).toBe("is gone");
  const plain = experimentItem({ kind: "experiment", experiment: finished });
  expect(plain.iconPath).toMatchObject({ id: "pass" });
  expect(viewOf(finished).problem).toBeNull();
});

test("a table is sent again when a target was added, was measured, or was taken away", () => {
  const both = [
    ["night", "dusk"],
    ["night", "dusk"],
  ];
  const one = [["night"], ["night"]];
  const keys = [
    tableKey(experimentOf(recordOn("night"), one)),
    tableKey(experimentOf(recordOn("night", "dusk"), one)),
    tableKey(experimentOf(recordOn("night", "dusk"), [["night", "dusk"], ["night"]])),
    tableKey(experimentOf(recordOn("night", "dusk"), both)),
    tableKey(experimentOf(recordOn("night"), both)),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
