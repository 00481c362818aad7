import { expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "../../src/protocol/events";
import { effectiveEvents } from "../../src/protocol/readEvents";
import { emptyRecord, paceOf, pushEvent, type RunRecord } from "../../src/protocol/runRecord";
import { runEvents, stepMetrics } from "../support/runEvents";

function recordOf(events: readonly RunEvent[]): RunRecord {
  const record = emptyRecord();
  for (const event of events) pushEvent(record, event);
  return record;
}

/** Events a second apart unless a time in seconds is given. */
function timed(...bodies: (RunEventBody & { at?: number })[]): RunEvent[] {
  return bodies.map(({ at, ...body }, n) => ({
    n,
    time: new Date(1000 * (at ?? n)).toISOString(),
    ...body,
  }));
}

const started = {
  type: "started",
  step: 0,
  steps: 9,
  device: "cpu",
  deviceReason: "asked for",
} as const;
const step = (n: number, at?: number) => ({
  type: "step" as const,
  ...stepMetrics(n, 9, 1, true),
  ...(at === undefined ? {} : { at }),
});

test("gathers steps into columns, also beyond the first room", () => {
  const { series } = recordOf(runEvents({ steps: 3_000 }));
  expect(series.length).toBe(3_000);
  expect(series.columns.step[2_999]).toBe(3_000);
  expect(series.columns.loss[1_499]).toBe(stepMetrics(1_500, 3_000, 1, true).loss);
  expect(series.columns.seconds[2_999]).toBeCloseTo(300, 6);
});

test("writes what a step did not measure as NaN", () => {
  const { series } = recordOf(runEvents({ steps: 2, glad: false }));
  expect(series.columns.perturbedLoss[0]).toBeNaN();
  expect(series.columns.cosine[1]).toBeNaN();
  expect(series.columns.gradientNorm[1]).toBeGreaterThan(0);
});

test("counts no time in which the trainer was suspended", () => {
  const { series } = recordOf(
    timed({ ...started, resumed: false, at: 0 }, step(1, 50), step(2, 3_650), step(3, 3_651)),
  );
  const made = stepMetrics(2, 9, 1, true).seconds;
  expect([...series.columns.seconds.slice(0, 3)]).toEqual([50, 50 + made, 51 + made]);
});

test("counts no time in which the run was paused or dead", () => {
  const { series } = recordOf(
    timed(
      { ...started, resumed: false, at: 0 },
      step(1, 2),
      { type: "paused", step: 1, at: 3 },
      { type: "continued", step: 1, at: 1_003 },
      step(2, 1_005),
      { ...started, step: 2, resumed: true, at: 9_000 },
      step(3, 9_001),
    ),
  );
  expect([...series.columns.seconds.subarray(0, 3)]).toEqual([2, 5, 6]);
});

test("forgets what a resumption made void, as effectiveEvents does", () => {
  const events = runEvents({
    steps: 120,
    evaluateEvery: 20,
    checkpointEvery: 25,
    resumed: { at: 90, from: 50 },
  });
  const record = recordOf(events);
  const kept = effectiveEvents(events);
  const steps = kept.flatMap((event) => (event.type === "step" ? [event.step] : []));
  expect([...record.series.columns.step.subarray(0, record.series.length)]).toEqual(steps);
  expect(record.checkpoints.map((mark) => mark.step)).toEqual([25, 50, 75, 100]);
  expect(record.evaluations.map((evaluation) => evaluation.step)).toEqual(
    kept.flatMap((event) => (event.type === "evaluated" ? [event.step] : [])),
  );
  expect(record.series.breaks).toEqual([50]);
  expect(record.resumes.map((mark) => mark.step)).toEqual([50]);
  expect(record.rewrites).toBe(1);
  // Time goes on where the kept steps ended.
  const { seconds } = record.series.columns;
  expect(seconds[50]! - seconds[49]!).toBeCloseTo(0.1, 6);
});

test("a resumption at the last step breaks the line and rewrites nothing", () => {
  const record = recordOf(runEvents({ steps: 60, resumed: { at: 50, from: 50 } }));
  expect(record.rewrites).toBe(0);
  expect(record.series.breaks).toEqual([50]);
  expect(record.series.length).toBe(60);
});

test("an evaluation that is made again replaces the former", () => {
  const one = { type: "evaluated", step: 5, zeroShot: false, split: "all", total: 10 } as const;
  const { evaluations } = recordOf(
    timed({ ...one, correct: 4, accuracy: 40 }, { ...one, correct: 6, accuracy: 60 }),
  );
  expect(evaluations.map(({ accuracy }) => accuracy)).toEqual([60]);
});

test("says state, device, warnings, skipped steps and the reason of a failure", () => {
  const record = recordOf(
    timed(
      { ...started, resumed: false },
      { type: "warning", message: "two images could not be read" },
      { type: "skipped", step: 1, inARow: 1, reason: "the loss is not finite" },
      { type: "failed", step: 1, message: "no memory is left" },
    ),
  );
  expect(record).toMatchObject({
    state: "failed",
    step: 1,
    steps: 9,
    device: "cpu",
    deviceReason: "asked for",
    warnings: ["two images could not be read"],
    skipped: [1],
    failure: "no memory is left",
  });
});

test("tells pace and time left from the last steps", () => {
  expect(paceOf(emptyRecord())).toEqual({ imagesPerSecond: null, secondsLeft: null });
  const record = recordOf(runEvents({ steps: 200, of: 1_000 }));
  const { imagesPerSecond, secondsLeft } = paceOf(record);
  expect(imagesPerSecond).toBeCloseTo(320, 6);
  expect(secondsLeft).toBeCloseTo(80, 6);
});

test("the steps of a run that nobody reads take no memory", () => {
  const { columns } = emptyRecord().series;
  expect(Object.values(columns).every(({ byteLength }) => byteLength === 0)).toBe(true);
});
