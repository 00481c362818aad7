import { describe, expect, test } from "vitest";
import { openTokenizer } from "../../src/data/tokenizer";
import { openSnapshot } from "../../src/models/snapshot";
import { ClipEngine } from "../../src/train/engine";
import { modelAt } from "../../src/train/measuredModel";
import { initialState, takeStep } from "../../src/train/step";
import { expectClose } from "../support/allclose";
import { randomValues } from "../support/random";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

const classes = ["cat", "dog", "bird", "car", "tree"];

async function tinyEngine(
  change: {
    dropout?: number;
    microBatchSize?: number;
    classChunkSize?: number;
    rank?: number;
    keptTextBytes?: number | null;
    wholeStep?: boolean;
    packAdapters?: boolean;
  } = {},
) {
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  const snapshot = await openSnapshot(folder);
  const tokenizer = openTokenizer(folder, snapshot.config.text.contextLength);
  const { dropout = 0.25, microBatchSize = 4, classChunkSize = 5, rank = 4 } = change;
  const { keptTextBytes = 2 ** 20, wholeStep = false, packAdapters = false } = change;
  const engine = new ClipEngine({
    snapshot,
    lora: {
      encoder: "both",
      targets: ["q", "k", "v", "o", "fc1", "fc2"],
      layers: "all",
      rank,
      alpha: 4,
      scaling: "rslora",
      dropout,
    },
    encode: (prompt) => tokenizer.encode(prompt),
    prompts: classes.map((name) => `a photo of a ${name}.`),
    device: { kind: "cpu" },
    deviceName: "cpu",
    deviceReason: "",
    threads: 1,
    precision: "float32",
    microBatchSize,
    classChunkSize,
    keptTextBytes,
    wholeStep,
    packAdapters,
    separatePhases: true,
    packImage: false,
    packText: false,
  });
  const { imageSize } = snapshot.config.vision;
  const batch = {
    pixels: Float32Array.from(randomValues(5 * 3 * imageSize ** 2, 3, -2, 2)),
    labels: Int32Array.of(0, 1, 2, 3, 4),
    sampleIds: Int32Array.of(7, 1, 30, 4, 9),
  };
  const theta = engine.initialParameters(1);
  // B is not zero, so that every gradient is different from zero.
  theta.set(Float32Array.from(randomValues(theta.length, 5, -0.1, 0.1)));
  return { engine, batch, theta };
}

describe("with dropout", () => {
  const draw = { seed: 3, step: 11 };

  test("the gradient does not depend on micro-batches and chunks of classes", async () => {
    const whole = await tinyEngine({ microBatchSize: 5, classChunkSize: 5 });
    const want = await whole.engine.lossAndGradient(whole.theta, whole.batch, draw);
    for (const [microBatchSize, classChunkSize] of [
      [1, 1],
      [2, 3],
      [3, 2],
    ] as const) {
      const { engine, theta, batch } = await tinyEngine({ microBatchSize, classChunkSize });
      const found = await engine.lossAndGradient(theta, batch, draw);
      expectClose("gradient", found.gradient, want.gradient, { relative: 1e-5 });
      await engine.close();
    }
    await whole.engine.close();
  });

  test("images and classes in one graph, and packed adapters, give the same gradient, also of a batch that is not full", async () => {
    const passes = await tinyEngine({ microBatchSize: 2, classChunkSize: 3 });
    const want = await passes.engine.lossAndGradient(passes.theta, passes.batch, draw, 8);
    await passes.engine.close();
    for (const change of [
      { microBatchSize: 5, wholeStep: true },
      { microBatchSize: 7, wholeStep: true, packAdapters: true },
      { microBatchSize: 2, classChunkSize: 3, packAdapters: true },
    ]) {
      const { engine, theta, batch } = await tinyEngine(change);
      const found = await engine.lossAndGradient(theta, batch, draw, 8);
      await engine.close();
      expectClose("loss", [found.loss], [want.loss], { relative: 1e-6 });
      expectClose("logits", found.logits, want.logits, { relative: 1e-5 });
      expectClose("gradient", found.gradient, want.gradient, { relative: 1e-5 });
      expect(found.correct).toBe(want.correct);
    }
  });

  test("measuring between two steps changes no byte of either", async () => {
    const { engine, theta, batch } = await tinyEngine({ classChunkSize: 2 });
    const step = async () => [...(await engine.lossAndGradient(theta, batch, draw)).gradient];
    const measure = async () => [
      ...(await engine.classEmbeddings(theta, ["a photo of a cat."])),
      ...(await engine.imageFeatures(theta, batch.pixels, 5)),
    ];
    const first = [await step(), await step(), await measure(), await measure()];
    const then = [await step(), await measure(), await step(), await measure()];
    await engine.close();
    expect(first[1]).toEqual(first[0]);
    expect(first[3]).toEqual(first[2]);
    expect(then).toEqual([first[0], first[2], first[0], first[2]]);
  });

  test("activations of the text encoder that are kept, or made again, give the same bytes", async () => {
    const keep = async (keptTextBytes: number | null) => {
      const { engine, theta, batch } = await tinyEngine({ classChunkSize: 2, keptTextBytes });
      const { gradient } = await engine.lossAndGradient(theta, batch, draw);
      // The second pass overwrites what the first has kept.
      const other = await engine.lossAndGradient(gradient, batch, draw);
      await engine.close();
      return { gradient, other: other.gradient };
    };
    const whole = await keep(2 ** 24);
    expect(await keep(0)).toEqual(whole);
    const alone = await keep(null);
    expectClose("gradient", alone.gradient, whole.gradient, { relative: 1e-6 });
    expectClose("other", alone.other, whole.other, { relative: 1e-6 });
  });

  test("the same draw gives the same bytes, another step other masks", async () => {
    const { engine, theta, batch } = await tinyEngine();
    const first = await engine.lossAndGradient(theta, batch, draw);
    const again = await engine.lossAndGradient(theta, batch, draw);
    const other = await engine.lossAndGradient(theta, batch, { ...draw, step: 12 });
    expect(again.gradient).toEqual(first.gradient);
    expect(again.loss).toBe(first.loss);
    expect(other.loss).not.toBe(first.loss);
    await engine.close();
  });

  test("an image's masks go with its id, not with its place in the batch", async () => {
    const { engine, theta, batch } = await tinyEngine();
    const first = await engine.lossAndGradient(theta, batch, draw);
    const size = batch.pixels.length / 5;
    const order = [4, 2, 0, 1, 3];
    const moved = {
      pixels: Float32Array.from(
        order.flatMap((i) => [...batch.pixels.subarray(i * size, (i + 1) * size)]),
      ),
      labels: Int32Array.from(order, (i) => batch.labels[i]!),
      sampleIds: Int32Array.from(order, (i) => batch.sampleIds[i]!),
    };
    const found = await engine.lossAndGradient(theta, moved, draw);
    expectClose("gradient", found.gradient, first.gradient, { relative: 1e-5 });
    await engine.close();
  });

  test("evaluation is without dropout", async () => {
    const { engine, theta, batch } = await tinyEngine();
    const bare = await tinyEngine({ dropout: 0 });
    const features = await engine.imageFeatures(theta, batch.pixels, 5);
    expect(features).toEqual(await bare.engine.imageFeatures(theta, batch.pixels, 5));
    await engine.close();
    await bare.engine.close();
  });
});

const recipe = {
  optimizer: {
    learningRate: 0.02,
    minLearningRate: 1e-6,
    betas: [0.9, 0.999] as [number, number],
    epsilon: 1e-8,
    weightDecay: 0,
    warmupSteps: 0,
    clipNorm: null,
  },
  steps: 120,
};

test.each([0, 0.5, 1])(
  "one batch is over-fitted to zero loss with glad.alpha %s",
  async (alpha) => {
    const { engine, batch } = await tinyEngine({ dropout: 0 });
    let state = initialState(engine.initialParameters(1), "float32");
    let loss = Infinity;
    for (let i = 0; i < recipe.steps; i++) {
      const result = await takeStep(engine, state, batch, 1, {
        ...recipe,
        glad: { alpha, rho: 0.02, period: 1 },
      });
      if (result.skipped !== null) throw new Error(result.skipped);
      state = result.state;
      loss = result.gradient.metrics.loss;
    }
    expect(loss).toBeLessThan(0.01);
    await engine.close();
  },
);

test("without adapters the model is CLIP itself: B = 0 and theta null give the same bytes", async () => {
  const { engine, batch } = await tinyEngine();
  const start = engine.initialParameters(1);
  expect(await engine.imageFeatures(start, batch.pixels, 5)).toEqual(
    await engine.imageFeatures(null, batch.pixels, 5),
  );
  expect(await engine.classEmbeddings(start, classes)).toEqual(
    await engine.classEmbeddings(null, classes),
  );
  await engine.close();
});

test("glad.period 2 computes SAM's gradient on every second step and reuses its flat part between", async () => {
  const { engine, batch } = await tinyEngine({ dropout: 0 });
  let state = initialState(engine.initialParameters(1), "float32");
  const perturbed: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    const result = await takeStep(engine, state, batch, 1, {
      ...recipe,
      glad: { alpha: 0.5, rho: 0.05, period: 2 },
    });
    if (result.skipped !== null) throw new Error(result.skipped);
    state = result.state;
    perturbed.push(result.gradient.metrics.perturbedLoss !== null);
    expect(result.gradient.metrics.samGradientNorm).toBeGreaterThan(0);
  }
  expect(perturbed).toEqual([true, false, true, false]);
  await engine.close();
});

test("classes of one name have equal embeddings, wherever they stand", async () => {
  const { engine, theta } = await tinyEngine();
  const names = ["cat", "dog", "cat", "bird", "car", "tree", "dog", "cat"];
  const prompts = names.map((name) => `a photo of a ${name}.`);
  const found = await modelAt(engine, theta).classEmbeddings(prompts);
  const expected = await engine.classEmbeddings(theta, prompts);
  expectClose("class embeddings", found, expected, { absolute: 1e-6 });
  const width = found.length / names.length;
  const row = (label: number) => [...found.subarray(label * width, (label + 1) * width)];
  expect(row(2)).toEqual(row(0));
  expect(row(7)).toEqual(row(0));
  expect(row(6)).toEqual(row(1));
  await engine.close();
});

test("a checkpoint's class embeddings are computed once for all splits that ask for them", async () => {
  const { engine, theta } = await tinyEngine();
  const asked: string[][] = [];
  const counted = {
    imageFeatures: engine.imageFeatures.bind(engine),
    classEmbeddings(of: Float32Array | null, prompts: readonly string[]) {
      asked.push([...prompts]);
      return engine.classEmbeddings(of, prompts);
    },
  };
  const model = modelAt(counted, theta);
  const first = await model.classEmbeddings(["a cat", "a dog", "a cat"]);
  const second = await model.classEmbeddings(["a dog", "a bird"]);
  const third = await model.classEmbeddings(["a dog", "a cat"]);
  expect(asked).toEqual([["a cat", "a dog"], ["a bird"]]);
  const width = first.length / 3;
  const row = (of: Float32Array, label: number) => [
    ...of.subarray(label * width, (label + 1) * width),
  ];
  expect(row(second, 0)).toEqual(row(first, 1));
  expect([...third]).toEqual([...row(first, 1), ...row(first, 0)]);
  expectClose("embeddings", third, await engine.classEmbeddings(theta, ["a dog", "a cat"]), {
    absolute: 1e-6,
  });
  await engine.close();
});
