import { expect, test } from "vitest";
import { contrastiveProgram, gradientOf } from "../../src/demo/contrastive";
import { demoClipConfig } from "../../src/demo/demoClip";
import { pretrain, type PretrainOptions, type PretrainProgress } from "../../src/demo/pretrain";
import { weightLayout } from "../../src/demo/weights";
import { plainDialect, toOnnx } from "../../src/graph/onnx";
import type { ClipConfig } from "../../src/models/types";
import { openSession } from "../../src/runtime/session";
import { feedsOf, numbers } from "../support/evaluate";
import { randomValues } from "../support/random";
import { tinyClipTensors } from "../support/tinyClip";

const { vision, text } = demoClipConfig;
const small = { hiddenSize: 8, intermediateSize: 12, layers: 2, heads: 2 };

/** Small enough for hundreds of evaluations in float64. */
const tiny: ClipConfig = {
  vision: { ...vision, ...small, imageSize: 8, patchSize: 4 },
  text: { ...text, ...small, vocabularySize: 20, contextLength: 6 },
  projectionDim: 6,
};

test("the gradient of every weight agrees with central differences", async () => {
  const [batch, tokens] = [3, 5];
  const layout = weightLayout(tiny);
  const program = contrastiveProgram(tiny, layout, batch, tokens, "float64");
  const session = await openSession(toOnnx(program, plainDialect), {
    device: { kind: "cpu" },
    optimisation: "basic",
    threads: 1,
  });
  const inputs = {
    pixels: randomValues(batch * 3 * 64, 1),
    prefix: [18],
    // Captions of 2, 4 and 3 own tokens, filled up with end of text.
    suffix: [3, 19, 19, 19, 4, 5, 6, 19, 7, 3, 19, 19],
    endOfText: [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0],
  };
  const weights = Object.fromEntries(
    [...tinyClipTensors(tiny, 3)].map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
  const run = (values: typeof weights) =>
    session.run(feedsOf(Object.values(program), { ...inputs, ...values }));
  const step = 1e-5;
  const found = await run(weights);
  for (const [i, { name, size }] of layout.entries()) {
    const direction = randomValues(size, 100 + i);
    const moved = async (sign: number): Promise<number> => {
      const value = weights[name]!.map((x, j) => x + sign * step * direction[j]!);
      return numbers((await run({ ...weights, [name]: value })).loss)[0]!;
    };
    const difference = ((await moved(1)) - (await moved(-1))) / (2 * step);
    const terms = numbers(found[gradientOf(name)]).map((g, j) => g * direction[j]!);
    const along = terms.reduce((sum, term) => sum + term, 0);
    // The statistics of a layer norm are float32 in onnxruntime, whatever the graph's dtype: 1e-6 of the terms.
    const scale = Math.max(
      1e-3,
      terms.reduce((sum, term) => sum + Math.abs(term), 0),
    );
    expect(Math.abs(along - difference) / scale, name).toBeLessThan(2e-6);
  }
  await session.release();
});

const miniature: PretrainOptions = {
  config: {
    vision: { ...vision, ...small, hiddenSize: 32, imageSize: 24, patchSize: 8 },
    text: { ...text, ...small, hiddenSize: 32 },
    projectionDim: 16,
  },
  seed: 3,
  pictures: 32,
  batch: 16,
  steps: 160,
  learningRate: 5e-3,
  weightDecay: 0.05,
  warmupSteps: 5,
  threads: 1,
};

test("a miniature pre-training lowers its loss", async () => {
  const told: PretrainProgress[] = [];
  await pretrain(miniature, 40, (progress) => void told.push(progress));
  expect(told.map(({ step }) => step)).toEqual([40, 80, 120, 160]);
  // Guessing gives log(16) = 2.77 and one hit in 16.
  expect(told[0]!.loss).toBeGreaterThan(2.2);
  expect(told[3]!.loss).toBeLessThan(1.8);
  expect(told[3]!.hits).toBeGreaterThan(4 / 16);
});

test("pre-training gives the same bytes each time, and others for another seed", async () => {
  const short = { ...miniature, steps: 10 };
  const weights = await pretrain(short, 10, () => undefined);
  expect(await pretrain(short, 10, () => undefined)).toEqual(weights);
  expect(await pretrain({ ...short, seed: 4 }, 10, () => undefined)).not.toEqual(weights);
});
