import { join } from "node:path";
import { expect, test } from "vitest";
import { endLines } from "../../src/cli/followRun";
import { difference, significant } from "../../src/cli/format";
import { renderPredicted } from "../../src/cli/predictCommand";
import { eventLines } from "../../src/cli/renderEvent";
import { advance, emptyProgress, progressLine } from "../../src/cli/renderProgress";
import { resultTable } from "../../src/cli/renderResult";
import { forcedLines, runsTable, type RunSummary, silenceLines } from "../../src/cli/renderRuns";
import type { RunEvent, RunEventBody, SplitResult } from "../../src/protocol/events";
import { runPaths } from "../../src/protocol/runFolder";
import { temporaryFolder } from "../support/temporaryFolder";

const event = (body: RunEventBody): RunEvent => ({
  n: 0,
  time: "2026-01-01T00:00:00.000Z",
  ...body,
});
const split = (name: string, correct: number, total: number): SplitResult => ({
  split: name,
  correct,
  total,
  accuracy: (100 * correct) / total,
});
const started = event({
  type: "started",
  step: 0,
  steps: 8000,
  device: "cpu (2 threads)",
  deviceReason:
    "the only one that works; cuda:0: the library libcudart.so.12 is missing; webgpu: no GPU adapter was found",
  resumed: false,
});
const step = (number: number): RunEvent =>
  event({
    type: "step",
    step: number,
    device: "cpu",
    loss: 0.83124,
    perturbedLoss: 0.9,
    sharpness: 0.06876,
    gradientNorm: 1.2345,
    samGradientNorm: 1.3,
    finalGradientNorm: 1.25,
    cosine: 0.98,
    learningRate: 2e-4,
    batchAccuracy: 0.75,
    seconds: 0.5,
    imagesPerSecond: 64,
  });
const evaluated = (number: number, zeroShot: boolean, result: SplitResult): RunEvent =>
  event({ type: "evaluated", step: number, zeroShot, ...result });

test("the progress line follows a run from its opening to its last step", () => {
  const plan = { steps: 8000, zeroShot: true, every: 500 };
  const events = [
    started,
    evaluated(0, true, split("all", 632, 1000)),
    step(1),
    step(2),
    step(500),
    step(501),
    event({ type: "paused", step: 501 }),
    event({ type: "continued", step: 501 }),
    step(8000),
  ];
  let progress = emptyProgress(plan);
  // Each line is drawn 2.5 seconds after its event.
  const now = Date.parse(started.time) + 2500;
  const lines = [progressLine(progress, now)];
  for (const each of events) {
    progress = advance(progress, each);
    lines.push(progressLine(progress, now));
  }
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "step 0 of 8,000  opening the model and the data
    step 0 of 8,000  measuring CLIP without adapters for 2 s
    step 0 of 8,000  measuring CLIP without adapters for 2 s
    step 1 of 8,000  loss 0.8312  gradient 1.234  64.0 images/s  1 h 07 min left
    step 2 of 8,000  loss 0.8312  gradient 1.234  64.0 images/s  1 h 07 min left
    step 500 of 8,000  loss 0.8312  gradient 1.234  measuring for 2 s
    step 501 of 8,000  loss 0.8312  gradient 1.234  64.0 images/s  1 h 02 min left
    step 501 of 8,000  loss 0.8312  gradient 1.234  paused for 2 s
    step 501 of 8,000  loss 0.8312  gradient 1.234  64.0 images/s  1 h 02 min left
    step 8,000 of 8,000  loss 0.8312  gradient 1.234  measuring for 2 s"
  `);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
  expect(progressLine(progress, now, 20)).toHaveLength(20);
});

test("a resumed run that was measured before does not wait for zero-shot", () => {
  const plan = { steps: 20, zeroShot: true, every: 0 };
  const events = [
    evaluated(0, true, split("all", 1, 4)),
    event({ type: "started", step: 7, steps: 20, device: "cpu", deviceReason: "", resumed: true }),
  ];
  expect(progressLine(events.reduce(advance, emptyProgress(plan)), 0)).toBe("step 7 of 20");
});

test("the pace is that of the latest steps", () => {
  let progress = emptyProgress({ steps: 200, zeroShot: false, every: 0 });
  for (let number = 1; number <= 60; number++)
    progress = advance(progress, { ...step(number), seconds: number <= 10 ? 100 : 2 } as RunEvent);
  expect(progressLine(progress, 0)).toMatch(/4 min 40 s left$/);
});

test("each event but steps and ends has its lines of at most 80 columns", () => {
  const progress = { zeroShot: { all: 63.2 } };
  const lines = [
    started,
    event({
      type: "started",
      step: 500,
      steps: 8000,
      device: "webgpu",
      deviceReason: "asked for, reaches 2500 GFLOP/s",
      resumed: true,
    }),
    evaluated(0, true, split("all", 632, 1000)),
    evaluated(500, false, split("all", 713, 1000)),
    evaluated(500, false, split("novel", 1, 3)),
    step(1),
    event({ type: "skipped", step: 7, inARow: 2, reason: "the loss is not finite" }),
    event({ type: "saved", step: 500, path: "checkpoints/step-000500" }),
    event({ type: "paused", step: 12 }),
    event({ type: "continued", step: 12 }),
    event({
      type: "warning",
      message:
        "data/images: 3 files are no images and were left out: a.txt, b.txt, notes-of-somebody.md",
    }),
    event({ type: "finished", step: 8000, reason: "completed" }),
    event({ type: "stopped", step: 8000 }),
    event({ type: "failed", step: 8000, message: "it failed" }),
  ].flatMap((each) => eventLines(each, progress));
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "device      cpu (2 threads)
                the only one that works; cuda:0: the library libcudart.so.12 is
                missing; webgpu: no GPU adapter was found
    device      webgpu
                asked for, reaches 2500 GFLOP/s
    resumed     from step 500
    zero-shot   all    63.20%  (632 of 1,000)
    step 500    all    71.30%  (713 of 1,000)        +8.10
    step 500    novel  33.33%  (1 of 3)
    step 7      skipped (2 in a row): the loss is not finite
    step 500    saved checkpoints/step-000500
    step 12     paused; \`glad continue\` goes on
    step 12     continued
    note        data/images: 3 files are no images and were left out: a.txt, b.txt,
                notes-of-somebody.md"
  `);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("the table of results has zero-shot, adapted, difference and the harmonic mean", () => {
  const lines = resultTable({
    zeroShot: [split("base", 1500, 1549), split("novel", 860, 916)],
    adapted: [split("base", 1520, 1549), split("novel", 850, 916)],
    harmonicMean: { zeroShot: 95.313, adapted: 95.391 },
  });
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "split  zero-shot                    adapted                    difference
    base      96.84%  (1,500 of 1,549)   98.13%  (1,520 of 1,549)       +1.29
    novel     93.89%  (860 of 916)       92.79%  (850 of 916)           -1.09
    H         95.31%                     95.39%                         +0.08"
  `);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("the table of results leaves out what was not measured", () => {
  const none = { zeroShot: null, adapted: null };
  const all = [split("all", 1, 3)];
  expect(resultTable({ zeroShot: [], adapted: all, harmonicMean: none }).join("\n"))
    .toMatchInlineSnapshot(`
    "split  adapted
    all     33.33%  (1 of 3)"
  `);
  expect(resultTable({ zeroShot: all, adapted: [], harmonicMean: none }).join("\n"))
    .toMatchInlineSnapshot(`
    "split  zero-shot
    all       33.33%  (1 of 3)"
  `);
  expect(resultTable({ zeroShot: [], adapted: [], harmonicMean: none })).toEqual([]);
});

test("the end of a run says how many steps were skipped, and why", () => {
  const result = (skippedSteps: number) => ({
    skippedSteps,
    ...{ step: 3, reason: "completed", seconds: { training: 1, total: 2 } },
    ...{ zeroShot: [], adapted: [split("all", 1, 2)] },
    harmonicMean: { zeroShot: null, adapted: null },
  });
  const skipped = (n: number, reason: string): RunEvent => ({
    ...event({ type: "skipped", step: n, inARow: n, reason }),
    n,
  });
  const events = [
    started,
    skipped(1, "the gradient holds Infinity"),
    skipped(2, "the loss is NaN"),
  ];
  const folder = temporaryFolder({
    "bad/result.json": JSON.stringify(result(2)),
    "bad/events.jsonl": events.map((each) => `${JSON.stringify(each)}\n`).join(""),
    "good/result.json": JSON.stringify(result(0)),
    "good/events.jsonl": `${JSON.stringify(started)}\n`,
  });
  const lines = (name: string) => endLines(runPaths(join(folder, name)), name);
  expect(lines("bad").slice(-3, -1)).toEqual([
    "finished    at step 3 after 2 s: all steps were made",
    "skipped     2 of 3 steps, the last because the loss is NaN",
  ]);
  expect(lines("good").join()).not.toContain("skipped");
});

test("the table of runs fits 80 columns", () => {
  const run = (change: Partial<RunSummary>): RunSummary => ({
    id: "20260101-120000-run",
    folder: "/x/.glad/runs/20260101-120000-run",
    state: "running",
    silentSeconds: null,
    forced: false,
    step: 120,
    steps: 8000,
    best: { split: "all", accuracy: 71.3 },
    device: "cpu (2 threads)",
    reason: null,
    ...change,
  });
  const lines = runsTable([
    run({}),
    run({
      id: "20251231-235959-caltech",
      state: "interrupted",
      best: { split: "H", accuracy: 95.391 },
    }),
    run({ id: "20251230-080000-x", state: "created", step: 0, best: null, device: null }),
    run({ id: "20251230-070000-x", device: "webgpu: NVIDIA H200 (a very long name of a device)" }),
  ]);
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "id                       state        step          best        device
    20260101-120000-run      running      120 of 8,000  all 71.30%  cpu
    20251231-235959-caltech  interrupted  120 of 8,000  H 95.39%    cpu
    20251230-080000-x        created      0 of 8,000    -           -
    20251230-070000-x        running      120 of 8,000  all 71.30%  webgpu: NVIDI..."
  `);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("of a run whose trainer hangs the list says so, and what ends it", () => {
  const hanging = { id: "20260101-120000-run", silentSeconds: 95 } as RunSummary;
  const well = { id: "20260101-130000-run", silentSeconds: null } as RunSummary;
  expect(silenceLines([hanging, well])).toEqual([
    "20260101-120000-run: its trainer has not answered for 1 min 35 s; `glad stop --now 20260101-120000-run` ends it, and `glad resume` goes on after that",
  ]);
});

test("of a run that was stopped by force the list says what is kept", () => {
  const reason =
    "stopped on request: its trainer was ended at once; the checkpoint of step 5 is kept";
  const forced = {
    id: "20260101-120000-run",
    state: "stopped",
    forced: true,
    reason,
  } as RunSummary;
  const asked = { ...forced, id: "20260101-130000-run", forced: false };
  expect(forcedLines([forced, asked])).toEqual([`20260101-120000-run: ${reason}`]);
});

test("numbers and times are short", () => {
  expect([0, 0.83124, 12.3456, 1234.5, 99999, 0.00012].map(significant)).toEqual([
    "0",
    "0.8312",
    "12.35",
    "1235",
    "1.00e+5",
    "1.20e-4",
  ]);
  expect([difference(60, 61.5), difference(61.5, 60), difference(1, 1)]).toEqual([
    "+1.50",
    "-1.50",
    "±0.00",
  ]);
});

test("names of images and classes steer no terminal and break no line", () => {
  const text = renderPredicted(
    {
      checkpoint: "/runs/a",
      device: "cpu",
      deviceReason: "as asked",
      classes: ["cat", "d\tog"],
      images: [
        { path: "/a\n/\u001b[2Jb.jpg", top: [{ name: "d\tog", probability: 0.75 }] },
        { path: "/b.jpg", top: [{ name: "cat", probability: 1 }] },
      ],
      unreadable: [],
    },
    "text",
  );
  expect(text.split("\n").slice(4)).toEqual([
    "/a\\u000a/\\u001b[2Jb.jpg   75.0%  d\\u0009og",
    "/b.jpg                   100.0%  cat",
    "",
  ]);
});
