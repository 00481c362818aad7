import type { RunEvent, RunEventBody } from "../../src/protocol/events";

/** What a run looks like whose events are made up: curves of the usual shape, with noise, from a seed. */
export interface EventsOptions {
  /** How many steps are made, and how many the run has in all. */
  steps: number;
  of?: number;
  seed?: number;
  /** False for plain LoRA, which makes no second pass. */
  glad?: boolean;
  evaluateEvery?: number;
  checkpointEvery?: number;
  /** The trainer died after `at` steps and went on from step `from`. */
  resumed?: { at: number; from: number };
  /** How good the run becomes; moves all accuracies, in percentage points. */
  gain?: number;
}

/** Milliseconds between two steps. */
const pace = 100;

/** The events of such a run, from its start to its last step. */
export function runEvents(options: EventsOptions): RunEvent[] {
  const { steps, of = steps, seed = 1, evaluateEvery = 0, checkpointEvery = 0, resumed } = options;
  const events: RunEvent[] = [];
  let now = Date.parse("2026-03-01T12:00:00Z");
  const say = (body: RunEventBody, after = 0): void => {
    now += after;
    events.push({ n: events.length, time: new Date(now).toISOString(), ...body });
  };
  const start = (step: number, isResumed: boolean): void =>
    say({
      type: "started",
      step,
      steps: of,
      device: "cpu",
      deviceReason: "auto: no GPU was found that onnxruntime can use",
      resumed: isResumed,
    });
  const work = (from: number, to: number): void => {
    for (let step = from + 1; step <= to; step++) {
      say({ type: "step", ...stepMetrics(step, of, seed, options.glad ?? true) }, pace);
      if (checkpointEvery > 0 && step % checkpointEvery === 0)
        say({ type: "saved", step, path: `checkpoints/step-${String(step).padStart(6, "0")}` });
      if (evaluateEvery > 0 && step % evaluateEvery === 0)
        for (const event of evaluations(step, of, options.gain ?? 0)) say(event, pace);
    }
  };
  start(0, false);
  if (evaluateEvery > 0) for (const event of evaluations(0, of, 0)) say(event, pace);
  work(0, resumed?.at ?? steps);
  if (resumed) {
    now += 3_600_000;
    start(resumed.from, true);
    work(resumed.from, steps);
  }
  return events;
}

/** What one step measured; a function of the step and the seed. */
export function stepMetrics(step: number, steps: number, seed: number, glad: boolean) {
  const noise = (salt: number): number => noiseOf(seed * 1e6 + step, salt);
  const along = step / steps;
  const loss = (0.25 + 2.1 * Math.exp(-6 * along)) * (1 + 0.3 * noise(1));
  const sharpness = 0.02 + 0.18 * Math.exp(-3 * along) * (1 + 0.5 * noise(2));
  const gradientNorm = (0.4 + 1.6 * Math.exp(-4 * along)) * (1 + 0.25 * noise(3));
  const samGradientNorm = gradientNorm * (1.25 + 0.2 * noise(4));
  return {
    step,
    device: "cpu (2 threads)",
    loss,
    perturbedLoss: glad ? loss + sharpness : null,
    sharpness: glad ? sharpness : null,
    gradientNorm,
    samGradientNorm: glad ? samGradientNorm : null,
    finalGradientNorm: glad ? 0.9 * gradientNorm + 0.1 * samGradientNorm : gradientNorm,
    cosine: glad ? 0.85 + 0.1 * along + 0.05 * noise(5) : null,
    learningRate: 1e-6 + 0.5 * (2e-4 - 1e-6) * (1 + Math.cos(Math.PI * along)),
    batchAccuracy: 1 - 0.6 * Math.exp(-5 * along),
    seconds: pace / 1000,
    imagesPerSecond: 320,
  };
}

function evaluations(step: number, steps: number, gain: number): RunEventBody[] {
  const zeroShot = step === 0;
  const along = step / steps;
  const splits = [
    { split: "base", total: 1549, from: 94.2, to: 97.6 },
    { split: "novel", total: 916, from: 91.6, to: 92.9 },
    { split: "all", total: 2465, from: 89.3, to: 93.1 },
  ];
  return splits.map(({ split, total, from, to }) => {
    const aim = zeroShot ? from : from + (to + gain - from) * (1 - Math.exp(-5 * along));
    const correct = Math.round((aim / 100) * total);
    const accuracy = (100 * correct) / total;
    return { type: "evaluated", step, zeroShot, split, correct, total, accuracy };
  });
}

/** Uniform between -1 and 1: a hash of two numbers. */
function noiseOf(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 31 - 1;
}
