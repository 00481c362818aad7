import { expect, test } from "vitest";
import { adamwInit, adamwUpdate } from "../../src/optim/adamw";
import * as glad from "../../src/optim/glad";
import { learningRateAt } from "../../src/optim/schedule";
import reference from "../golden/optim.json";
import { expectClose } from "../support/allclose";

const f = (values: number[]): Float32Array => Float32Array.from(values);

test("AdamW under a cosine schedule equals torch.optim.AdamW to float32 rounding", () => {
  const { start, gradients, values, rates } = reference.adamw;
  let theta = f(start);
  let state = adamwInit(theta.length);
  const schedule = {
    learningRate: 1e-2,
    minLearningRate: 1e-6,
    warmupSteps: 0,
    steps: gradients.length,
  };
  gradients.forEach((gradient, i) => {
    const learningRate = learningRateAt(i, schedule);
    expectClose(`learning rate ${i}`, [learningRate], [rates[i]!], { relative: 1e-12 });
    const options = { learningRate, betas: [0.9, 0.99] as const, epsilon: 1e-8, weightDecay: 0.1 };
    const before = theta.slice();
    ({ theta, state } = adamwUpdate(theta, f(gradient), state, options));
    expect(before).not.toEqual(theta);
    // ATen's vector code fuses some multiply-adds that are rounded twice here: one float32 unit an update.
    expectClose(`values after update ${i}`, theta, values[i]!, { relative: 1.2e-7 * (i + 1) });
  });
  expect(state.updates).toBe(gradients.length);
});

test("warm-up rises linearly to the peak, then the cosine begins", () => {
  const schedule = { learningRate: 1, minLearningRate: 0, warmupSteps: 3, steps: 7 };
  const rates = Array.from({ length: 7 }, (_, i) => learningRateAt(i, schedule));
  const cosine = [0, 1, 2, 3].map((i) => (1 + Math.cos((Math.PI * i) / 4)) / 2);
  expectClose("rates", rates, [0.25, 0.5, 0.75, ...cosine], { absolute: 1e-15 });
});

test("the perturbation has length rho, and none where the gradient is zero", () => {
  const theta = f([1, 2, 3]);
  const moved = glad.perturbed(theta, f([3, 0, 4]), 0.5);
  expectClose("moved", moved, [1.3, 2, 3.4], { absolute: 1e-6 });
  expect(glad.perturbed(theta, f([0, 0, 0]), 0.5)).toEqual(theta);
});

test("the regularised gradient lies on the segment between g and g'", () => {
  const [g, sam] = [f([1, 0]), f([0, 2])];
  expect([...glad.regularised(g, sam, 0)]).toEqual([1, 0]);
  expect([...glad.regularised(g, sam, 1)]).toEqual([0, 2]);
  expect([...glad.regularised(g, sam, 0.5)]).toEqual([0.5, 1]);
});

test("glad.period keeps the part of g' orthogonal to g, as LookSAM does", () => {
  const { g, sam, later, orthogonal, reused } = reference.lookSam;
  const kept = glad.flatPart(f(g), f(sam));
  expectClose("flat part", kept.direction, orthogonal, { relative: 1e-6 });
  expectClose("reused", glad.reusedSam(f(later), kept), reused, { relative: 1e-6 });
  const none = glad.flatPart(f([0, 0]), f([1, 1]));
  expect([...glad.reusedSam(f([2, 0]), none)]).toEqual([2, 0]);
});

test("clipping equals torch.nn.utils.clip_grad_norm_", () => {
  const { gradient, limit, clipped } = reference.clip;
  expectClose("clipped", glad.clipped(f(gradient), limit), clipped, { relative: 1e-7 });
  expect(glad.clipped(f([1, 0]), 2)).toEqual(f([1, 0]));
});

test("the cosine of a zero gradient is 0, not NaN", () => {
  expect(glad.cosine(f([0, 0]), f([1, 0]))).toBe(0);
  expect(glad.cosine(f([1, 1]), f([2, 2]))).toBeCloseTo(1, 7);
});
