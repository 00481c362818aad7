import { expect, test } from "vitest";
import { demoReporter, meanAndDeviation } from "../../src/cli/demoReport";
import type { Accuracy } from "../../src/demo/accuracy";
import { methods } from "../../src/demo/methods";
import type { DemoRunResult } from "../../src/demo/runDemo";
import { runPaths } from "../../src/protocol/runFolder";

const accuracy = (base: number, novel: number): Accuracy => {
  const harmonic = (2 * base * novel) / (base + novel);
  return { base, novel, harmonic, drawings: 50 };
};

function told(isTTY: boolean): string {
  let text = "";
  let clock = 0;
  const stream = { isTTY, columns: 80, write: (part: unknown) => ((text += String(part)), true) };
  const reporter = demoReporter({ seeds: 2, steps: 120 }, stream, () => (clock += 5000));
  const runs: DemoRunResult[] = methods.flatMap((method, m) =>
    [1, 2].map((seed) => ({
      method,
      seed,
      paths: runPaths(
        `${process.cwd()}/.glad/runs/20260101-000000-demo-${method.slug}-seed${seed}`,
      ),
      accuracy: accuracy(70 + 2 * seed, 60 + m),
    })),
  );
  reporter.drawing(1, 2);
  reporter.zeroShot(accuracy(60, 70));
  for (const run of runs) {
    reporter.training({ share: 0.25, finished: 1, total: 6, loss: 0.51234 });
    reporter.trained(run);
  }
  reporter.finished({ zeroShot: accuracy(60, 70), runs });
  reporter.close();
  return text;
}

test("prints every run and the means in lines of 80 columns", () => {
  const text = told(false);
  expect(text).toMatchInlineSnapshot(`
    "A tiny CLIP, pre-trained on pictures of a world that this program draws, is
    adapted to rougher ones of 12 base classes such as a checkered heart, 16 of
    each. Neither these kinds nor the 12 novel ones were in its pre-training. The
    drawings show all 24 kinds in pencil.

    accuracy in %                   base         novel             H      drawings
    zero-shot CLIP                  60.0          70.0          64.6          50.0
    plain LoRA, seed 1              72.0          60.0          65.5          50.0
    plain LoRA, seed 2              74.0          60.0          66.3          50.0
    SAM, seed 1                     72.0          61.0          66.0          50.0
    SAM, seed 2                     74.0          61.0          66.9          50.0
    GLAD, seed 1                    72.0          62.0          66.6          50.0
    GLAD, seed 2                    74.0          62.0          67.5          50.0

    After 120 steps, mean and standard deviation over 2 seeds:
    accuracy in %                   base         novel             H      drawings
    zero-shot CLIP                  60.0          70.0          64.6          50.0
    plain LoRA               73.0 +- 1.4   60.0 +- 0.0   65.9 +- 0.6   50.0 +- 0.0
    SAM                      73.0 +- 1.4   61.0 +- 0.0   66.5 +- 0.6   50.0 +- 0.0
    GLAD                     73.0 +- 1.4   62.0 +- 0.0   67.0 +- 0.6   50.0 +- 0.0

    H is the harmonic mean of base and novel accuracy. A drawing is told apart from
    those of all 24 classes.
    6 runs in 40 s; they are ordinary run folders, e.g.
    .glad/runs/20260101-000000-demo-lora-seed1.
    "
  `);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("shows on a terminal how far it is and how long it will take", () => {
  const text = told(true);
  expect(text).toContain("[#####...............] 1 of 6 runs  loss 0.5123");
  // The line is gone where all are over.
  expect(text.slice(text.indexOf("After 120 steps"))).not.toContain("of 6 runs");
});

test("mean and sample standard deviation", () => {
  expect(meanAndDeviation([70, 72, 77])).toBe("73.0 +- 3.6");
  expect(meanAndDeviation([71.25])).toBe("71.3");
});
