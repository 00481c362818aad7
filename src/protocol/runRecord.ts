import type { RunEvent } from "./events";
import type { EvaluationView, Mark, PageRunState } from "./page";
import { emptySeries, pushStep, resumeAt, type RunSeries } from "./series";

/** What a run's events say, gathered event by event: everything that is shown of a run but its configuration. */
export interface RunRecord {
  series: RunSeries;
  /** What the events say; whether the trainer still lives is known only from its status. */
  state: PageRunState;
  step: number;
  steps: number;
  device: string | null;
  deviceReason: string | null;
  evaluations: EvaluationView[];
  checkpoints: Mark[];
  resumes: Mark[];
  warnings: string[];
  /** Steps whose loss or gradient was not finite. */
  skipped: number[];
  failure: string | null;
  /** Grows when something else than steps changed. */
  revision: number;
  /** Grows when rows of the series became void. */
  rewrites: number;
  /** Milliseconds of training so far, and when the last event was; null while the run stands still. */
  clock: { trained: number; last: number | null };
}

/** The record of a run that has said nothing yet. */
export function emptyRecord(): RunRecord {
  return {
    series: emptySeries(),
    state: "created",
    step: 0,
    steps: 0,
    device: null,
    deviceReason: null,
    evaluations: [],
    checkpoints: [],
    resumes: [],
    warnings: [],
    skipped: [],
    failure: null,
    revision: 0,
    rewrites: 0,
    clock: { trained: 0, last: null },
  };
}

/** Forgets everything: the events are read anew. */
export function resetRecord(record: RunRecord): void {
  const { revision, rewrites } = record;
  Object.assign(record, emptyRecord(), { revision: revision + 1, rewrites: rewrites + 1 });
}

/** Takes in the next event of a run. Constant time but for resumptions, so 100,000 events take milliseconds. */
export function pushEvent(record: RunRecord, event: RunEvent): void {
  advanceClock(record, event);
  if (event.type === "step") {
    pushStep(record.series, record.clock.trained / 1000, event);
    record.step = event.step;
    // A run whose start was not heard (or that was continued) says by its steps that it runs.
    record.state = "running";
    return;
  }
  record.revision++;
  applyEvent(record, event, { step: record.step, seconds: record.clock.trained / 1000 });
}

function applyEvent(
  record: RunRecord,
  event: Exclude<RunEvent, { type: "step" }>,
  now: Mark,
): void {
  switch (event.type) {
    case "started":
      return start(record, event);
    case "skipped":
      record.skipped.push(event.step);
      record.step = event.step;
      return;
    case "evaluated": {
      const { step, zeroShot, split, correct, total, accuracy } = event;
      const place = { step, zeroShot, split };
      record.evaluations = record.evaluations.filter((other) => !sameEvaluation(other, place));
      record.evaluations.push({ ...place, seconds: now.seconds, correct, total, accuracy });
      return;
    }
    case "saved":
      record.checkpoints.push({ step: event.step, seconds: now.seconds });
      return;
    case "paused":
      record.state = "paused";
      return;
    case "continued":
      record.state = "running";
      return;
    case "warning":
      record.warnings.push(event.message);
      return;
    case "finished":
    case "stopped":
      record.state = event.type;
      return;
    case "failed":
      record.state = "failed";
      record.failure = event.message;
  }
}

/** A resumption makes void what was said of later steps: the run computes them again. */
function start(record: RunRecord, event: Extract<RunEvent, { type: "started" }>): void {
  Object.assign(record, {
    state: "running",
    step: event.step,
    steps: event.steps,
    device: event.device,
    deviceReason: event.deviceReason,
    failure: null,
  });
  if (!event.resumed) return;
  const holds = ({ step }: { step: number }): boolean => step <= event.step;
  if (resumeAt(record.series, event.step)) record.rewrites++;
  record.evaluations = record.evaluations.filter(holds);
  record.checkpoints = record.checkpoints.filter(holds);
  record.skipped = record.skipped.filter((step) => step <= event.step);
  record.resumes = record.resumes.filter(holds);
  const { length, columns } = record.series;
  // The kept steps took so long; what was lost after them is not counted.
  record.clock.trained = length > 0 ? 1000 * columns.seconds[length - 1]! : 0;
  record.resumes.push({ step: event.step, seconds: record.clock.trained / 1000 });
}

/** Nothing that a trainer does before a step takes it so long (milliseconds): it, or its machine, was suspended. */
const longestIdle = 60_000;

/** Time passes between events, but not while the run is paused, suspended or dead. */
function advanceClock({ clock }: RunRecord, event: RunEvent): void {
  const time = Date.parse(event.time);
  if (clock.last !== null && event.type !== "started") {
    const passed = Math.max(0, time - clock.last);
    const made = event.type === "step" ? 1000 * event.seconds : passed;
    clock.trained += passed - made > longestIdle ? made : passed;
  }
  clock.last = event.type === "paused" ? null : time;
}

function sameEvaluation(
  a: Pick<EvaluationView, "step" | "zeroShot" | "split">,
  b: Pick<EvaluationView, "step" | "zeroShot" | "split">,
): boolean {
  return a.step === b.step && a.zeroShot === b.zeroShot && a.split === b.split;
}

/** Images per second and seconds left, from the last steps; null before there are any. */
export function paceOf({ series, step, steps }: RunRecord): {
  imagesPerSecond: number | null;
  secondsLeft: number | null;
} {
  const { length, columns } = series;
  const window = Math.min(50, length);
  if (window === 0) return { imagesPerSecond: null, secondsLeft: null };
  let images = 0;
  let seconds = 0;
  for (let row = length - window; row < length; row++) {
    seconds += columns.stepSeconds[row]!;
    images += columns.imagesPerSecond[row]! * columns.stepSeconds[row]!;
  }
  if (seconds === 0) return { imagesPerSecond: null, secondsLeft: null };
  return {
    imagesPerSecond: images / seconds,
    secondsLeft: Math.max(0, steps - step) * (seconds / window),
  };
}
