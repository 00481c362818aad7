import { expect, test } from "vitest";
import { jsonReporter, lineReporter } from "../../src/cli/reporter";
import { openScreen } from "../../src/cli/screen";
import type { RunEvent } from "../../src/protocol/events";

/** A stream that keeps what is written to it. */
function recorder(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) > 0 };
}

const metrics = {
  loss: 1,
  perturbedLoss: null,
  sharpness: null,
  gradientNorm: 1,
  samGradientNorm: null,
  finalGradientNorm: 1,
  cosine: null,
  learningRate: 1e-3,
  batchAccuracy: 1,
  seconds: 1,
  imagesPerSecond: 6,
  device: "cpu",
};
const stepAt = (step: number, second: number): RunEvent => ({
  n: step,
  time: new Date(1000 * second).toISOString(),
  type: "step",
  step,
  ...metrics,
});
const plan = { steps: 40, zeroShot: false, every: 0 };

test("a terminal's progress line is drawn at most once in 100 ms, and lines go above it", () => {
  const stream = recorder(true, 20);
  let time = 0;
  const screen = openScreen(stream, { now: () => time });
  screen.progress("step 1");
  screen.progress("step 2");
  time = 100;
  screen.progress("step 3, which is longer than the terminal is wide");
  screen.print(["saved"]);
  screen.close();
  expect(stream.written).toEqual([
    "\r\u001b[Kstep 1",
    "\r\u001b[Kstep 3, which is lo",
    "\r\u001b[Ksaved\nstep 3, which is lo",
    "\r\u001b[K",
  ]);
});

test("where the output is no terminal, a step is told at first, every five seconds, and at last", () => {
  const stream = recorder(false);
  const reporter = lineReporter(plan, [], stream);
  for (let step = 1; step <= 40; step++) {
    reporter.event(stepAt(step, step / 4));
    reporter.tick();
  }
  reporter.close();
  expect(stream.written.map((text) => /^step (\d+)/.exec(text)?.[1])).toEqual(["1", "21", "40"]);
  expect(stream.written.join("")).not.toContain("\u001b");
});

test("as JSON, events go to standard output and all else to standard error", () => {
  const [stdout, stderr] = [recorder(true), recorder(true)];
  const reporter = jsonReporter(stdout, stderr);
  reporter.say(["run x"]);
  reporter.tick();
  reporter.event(stepAt(1, 1));
  reporter.close();
  expect(stdout.written.map((line) => JSON.parse(line) as RunEvent)).toEqual([stepAt(1, 1)]);
  expect(stderr.written).toEqual(["run x\n"]);
});
