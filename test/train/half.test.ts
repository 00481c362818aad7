import { expect, test } from "vitest";
import { initialLossScale, nextLossScale } from "../../src/optim/lossScale";
import { initialState, takeStep } from "../../src/train/step";
import { expectClose } from "../support/allclose";
import { openGolden, vectorOf } from "../support/golden";

/** float16 keeps 11 bits: 5e-4 for each rounding, of which a gradient sees some tens. */
const half = { relative: 5e-3 };

test.each([
  ["a-qkv", false],
  ["b-all", false],
  ["c-all", false],
  ["b-all", true],
  ["c-all", true],
] as const)(
  "%s in float16 agrees with PyTorch's float64, as a GPU takes it: %s",
  async (name, gpu) => {
    const { golden, tensors, batch, engine } = await openGolden(name, {
      precision: "float16",
      wholeStep: gpu,
      packAdapters: gpu,
    });
    try {
      const theta = vectorOf(engine, tensors, "random.lora");
      const want = vectorOf(engine, tensors, "random.g");
      for (const lossScale of [1, 1024]) {
        const found = await engine.lossAndGradient(theta, batch, { seed: 1, step: 0 }, lossScale);
        expectClose("loss", [found.loss], [golden.random.loss], half);
        expectClose(`gradient with loss scale ${lossScale}`, found.gradient, want, half);
      }
    } finally {
      await engine.close();
    }
  },
);

test("a loss scale that overflows skips the step, leaves theta alone and halves the scale", async () => {
  const { golden, tensors, batch, engine } = await openGolden("a-qkv", { precision: "float16" });
  try {
    const start = vectorOf(engine, tensors, "random.lora");
    const state = { ...initialState(start, "float16"), lossScale: { value: 2 ** 24, good: 7 } };
    const config = {
      glad: { ...golden.glad, period: 1 },
      optimizer: {
        ...golden.optimizer,
        betas: [0.9, 0.999] as [number, number],
        epsilon: 1e-8,
        warmupSteps: 0,
        clipNorm: null,
      },
      steps: 10,
    };
    const result = await takeStep(engine, state, batch, 1, config);
    expect(result.skipped).toMatch(/^the gradient holds (NaN|-?Infinity)$/);
    expect(result.state.theta).toBe(start);
    expect(result.state.adamw.updates).toBe(0);
    expect(result.state.step).toBe(1);
    expect(result.state.lossScale).toEqual({ value: 2 ** 23, good: 0 });
  } finally {
    await engine.close();
  }
});

test("the loss scale doubles after 2,000 good steps and never falls below 1", () => {
  let scale = initialLossScale();
  const start = scale.value;
  for (let i = 0; i < 2000; i++) scale = nextLossScale(scale, true);
  expect(scale).toEqual({ value: 2 * start, good: 0 });
  for (let i = 0; i < 40; i++) scale = nextLossScale(scale, false);
  expect(scale.value).toBe(1);
});
