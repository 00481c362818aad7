import { afterEach, describe, expect, test } from "vitest";
import type { ClipEngine } from "../../src/train/engine";
import { gladGradient, initialState, takeStep } from "../../src/train/step";
import { expectClose } from "../support/allclose";
import { goldenCases, openGolden, vectorOf } from "../support/golden";

/** Tolerances of the specification: losses and features 1e-5, gradients 1e-4, per tensor. */
const [values, gradients] = [{ relative: 1e-5 }, { relative: 1e-4 }];

let opened: ClipEngine | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

describe.each(goldenCases)("%s against PyTorch, transformers and peft", (name) => {
  test.each([
    ["start", "in passes", {}],
    ["random", "in passes", {}],
    ["random", "in passes, adapters packed", { packAdapters: true, keptTextBytes: null }],
    ["random", "in one graph", { wholeStep: true }],
    ["random", "in one graph, adapters packed", { wholeStep: true, packAdapters: true }],
  ] as const)("one step at the %s values, %s", async (at, _, options) => {
    const { golden, tensors, batch, engine } = await openGolden(name, options);
    opened = engine;
    const theta = vectorOf(engine, tensors, `${at}.lora`);
    const plain = await engine.lossAndGradient(theta, batch, { seed: 1, step: 0 });
    expectClose("logits", plain.logits, tensors.get(`${at}.logits`)!.data, values);
    expect(plain.correct).toBe(golden[at].correct);
    const embeddings = await engine.classEmbeddings(theta, golden.prompts);
    expectClose(
      "class embeddings",
      embeddings,
      tensors.get(`${at}.class_embeddings`)!.data,
      values,
    );
    // Of many images the weights are packed.
    for (const all of [batch.labels.length, 1000]) {
      const features = await engine.imageFeatures(theta, batch.pixels, batch.labels.length, all);
      const want = normalised(tensors.get(`${at}.image_features`)!);
      expectClose(`image features, of ${all}`, features, want, values);
    }

    const found = await gladGradient(
      engine,
      { theta, flat: null, lossScale: null, step: 0 },
      batch,
      { seed: 1, step: 0 },
      { ...golden.glad, period: 1 },
    );
    if (typeof found === "string") throw new Error(found);
    for (const key of ["loss", "perturbedLoss"] as const)
      expectClose(key, [found.metrics[key]!], [golden[at][key]], values);
    for (const key of ["gradientNorm", "samGradientNorm", "finalGradientNorm", "cosine"] as const)
      expectClose(key, [found.metrics[key]!], [golden[at][key]], gradients);
    for (const { name: slot, offset, size } of engine.layout)
      for (const [kind, vector] of [
        ["g", found.g],
        ["g_sam", found.sam!],
        ["g_final", found.final],
      ] as const)
        expectClose(
          `${kind} ${slot}`,
          vector.subarray(offset, offset + size),
          tensors.get(`${at}.${kind}.${slot}`)!.data,
          gradients,
        );
  });

  test("ten AdamW steps of GLAD", async () => {
    const { golden, tensors, batch, engine } = await openGolden(name);
    opened = engine;
    let state = initialState(vectorOf(engine, tensors, "start.lora"), "float32");
    const config = {
      glad: { ...golden.glad, period: 1 },
      optimizer: {
        ...golden.optimizer,
        betas: [0.9, 0.999] as [number, number],
        epsilon: 1e-8,
        warmupSteps: 0,
        clipNorm: null,
      },
      steps: golden.training.length,
    };
    for (const [i, want] of golden.training.entries()) {
      const result = await takeStep(engine, state, batch, 1, config);
      if (result.skipped !== null) throw new Error(result.skipped);
      expectClose(`learning rate ${i}`, [result.learningRate], [want.learningRate], {
        relative: 1e-9,
      });
      expectClose(`loss ${i}`, [result.gradient.metrics.loss], [want.loss], values);
      state = result.state;
    }
    expectClose("LoRA values", state.theta, vectorOf(engine, tensors, "trained.lora"), {
      relative: 1e-4,
    });
  });

  test("micro-batches and chunks of classes give the same gradient", async () => {
    const { tensors, batch, engine, golden } = await openGolden(name);
    opened = engine;
    const theta = vectorOf(engine, tensors, "random.lora");
    const whole = await engine.lossAndGradient(theta, batch, { seed: 1, step: 0 });
    for (const [microBatchSize, classChunkSize] of [
      [1, 1],
      [2, 3],
      [golden.labels.length - 1, 2],
    ] as const) {
      const split = (await openGolden(name, { microBatchSize, classChunkSize })).engine;
      const result = await split.lossAndGradient(theta, batch, { seed: 1, step: 0 });
      await split.close();
      expectClose(
        `gradient by ${microBatchSize} and ${classChunkSize}`,
        result.gradient,
        whole.gradient,
        { relative: 1e-5 },
      );
      expectClose("loss", [result.loss], [whole.loss], { relative: 1e-6 });
      expect(result.correct).toBe(whole.correct);
    }
  });
});

function normalised({ shape, data }: { shape: number[]; data: Float32Array }): Float32Array {
  const width = shape[1]!;
  return data.map((x, i) => {
    const row = data.subarray(Math.floor(i / width) * width, Math.floor(i / width) * width + width);
    return x / Math.sqrt(row.reduce((sum, y) => sum + y * y, 0));
  });
}
