import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { count, evaluate, type Prediction, similarities, topThree } from "../../src/train/evaluate";
import { type MeasuredModel, modelAt } from "../../src/train/measuredModel";
import { openRun, type OpenRun } from "../../src/train/openRun";
import { harmonicMean } from "../../src/train/result";
import { randomValues } from "../support/random";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";

const prediction = (label: number, ...ranked: number[]): Prediction => ({
  path: "x.png",
  label,
  top: ranked.map((each) => ({ label: each, probability: 1 / ranked.length })),
});

describe("counting", () => {
  const names = ["cat", "dog", "bird"];
  const predictions = [
    prediction(0, 0, 1),
    prediction(0, 1, 0),
    prediction(1, 1, 0),
    prediction(1, 1, 2),
    prediction(2, 0, 2),
  ];

  test("takes the likeliest class alone, over all images alike", () => {
    expect(count("base", names, predictions, { perClass: false, confusion: false })).toEqual({
      split: "base",
      correct: 3,
      total: 5,
      accuracy: 60,
    });
  });

  test("by class and by confusion adds up to the same", () => {
    const { perClass, confusion } = count("base", names, predictions, {
      perClass: true,
      confusion: true,
    });
    expect(perClass).toEqual([
      { name: "cat", correct: 1, total: 2 },
      { name: "dog", correct: 2, total: 2 },
      { name: "bird", correct: 0, total: 1 },
    ]);
    expect(confusion).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [1, 0, 0],
    ]);
  });
});

test("the harmonic mean is that of base and novel, and of nothing else", () => {
  const of = (split: string, accuracy: number) => ({ split, accuracy, correct: 0, total: 0 });
  expect(harmonicMean([of("base", 85.05), of("novel", 76.72), of("val", 1)])).toBeCloseTo(80.67, 2);
  expect(harmonicMean([of("base", 0), of("novel", 0)])).toBe(0);
  expect(harmonicMean([of("all", 50), of("val", 50)])).toBeNull();
});

describe("scoring", () => {
  test.each([1, 3, 4, 6, 1000])("%i classes equals the plain products", (count) => {
    const [images, width] = [3, 5];
    const features = Float32Array.from(randomValues(images * width, 7));
    const classes = Float32Array.from(randomValues(count * width, 8));
    const plain = Float32Array.from({ length: images * count }, (_, at) => {
      const [i, k] = [Math.floor(at / count), at % count];
      let sum = 0;
      for (let d = 0; d < width; d++) sum += features[i * width + d]! * classes[k * width + d]!;
      return sum;
    });
    expect(similarities(features, classes, images, count)).toEqual(plain);
  });

  test("the first three, of equals the first", () => {
    const labels = (...scores: number[]) =>
      topThree(Float32Array.from(scores), 10).map(({ label }) => label);
    expect(labels(1, 3, 2, 3, 3, 0)).toEqual([1, 3, 4]);
    expect(labels(0, 1, 2, 3, 4)).toEqual([4, 3, 2]);
    expect(labels(5, 4, 4, 4)).toEqual([0, 1, 2]);
    expect(labels(-2, -1)).toEqual([1, 0]);
    const [first, second] = topThree(Float32Array.of(0.5, 0.3), 10);
    expect(first!.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
    expect(first!.probability + second!.probability).toBeCloseTo(1, 6);
  });
});

let opened: OpenRun | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

test("an evaluation over many batches equals scoring image by image", async () => {
  const { paths, config } = await tinyRun(temporaryFolder());
  opened = await openRun(paths, config);
  const { engine, pipeline, data, evaluation } = opened;
  const [all] = data.evaluations;
  // More images than the pipeline works ahead, the last batch a short one.
  const samples = Array.from({ length: 150 }, (_, i) => all!.samples[(i * 5) % 8]!);
  const { classNames } = all!;
  const theta = engine.initialParameters(4).map((x, i) => (x === 0 ? Math.sin(i) / 10 : x));
  for (const values of [null, theta]) {
    const prompts = classNames.map((name) => `a photo of a ${name}.`);
    const classes = await engine.classEmbeddings(values, prompts);
    const width = classes.length / classNames.length;
    const expected: { label: number; best: number; probability: number }[] = [];
    for (const { path, label } of samples.slice(0, 8)) {
      const pixels = await pipeline.evaluationBatch([join(data.imageRoot, path)]);
      const image = await engine.imageFeatures(values, pixels, 1);
      const logits = classNames.map(
        (_, k) =>
          evaluation.logitScale * image.reduce((sum, x, d) => sum + x * classes[k * width + d]!, 0),
      );
      const best = logits.indexOf(Math.max(...logits));
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit - logits[best]!), 0);
      expected.push({ label, best, probability: 1 / total });
    }
    const { result, predictions } = await evaluate(
      modelAt(engine, values, samples.length),
      pipeline,
      { ...all!, samples },
      { ...evaluation, perClass: true, confusion: true },
    );
    expect(predictions.map(({ path }) => path)).toEqual(samples.map(({ path }) => path));
    predictions.forEach(({ label, top }, i) => {
      const want = expected[i % 8]!;
      expect(label).toBe(want.label);
      expect(top[0]!.label).toBe(want.best);
      // Features of a batch and of one image differ by float32 rounding, times the logit scale.
      expect(top[0]!.probability).toBeCloseTo(want.probability, 4);
      expect(top).toHaveLength(3);
      expect(top[0]!.probability).toBeGreaterThanOrEqual(top[1]!.probability);
      expect(top[1]!.probability).toBeGreaterThanOrEqual(top[2]!.probability);
    });
    const correct = predictions.filter(({ label, top }) => top[0]!.label === label).length;
    expect(result).toMatchObject({ correct, total: 150, accuracy: (100 * correct) / 150 });
    expect(result.perClass!.reduce((sum, each) => sum + each.correct, 0)).toBe(correct);
    expect(result.confusion!.flat().reduce((sum, n) => sum + n, 0)).toBe(150);
  }
});

test("an evaluation can be ended between two batches", async () => {
  const { paths, config } = await tinyRun(temporaryFolder());
  opened = await openRun(paths, config);
  const { engine, pipeline, data, evaluation } = opened;
  const samples = Array.from({ length: 100 }, () => data.evaluations[0]!.samples[0]!);
  let asked = 0;
  const stop = (): void => {
    if (++asked === 3) throw new Error("stopped");
  };
  const split = { ...data.evaluations[0]!, samples };
  await expect(evaluate(modelAt(engine, null), pipeline, split, evaluation, stop)).rejects.toThrow(
    "stopped",
  );
  expect(asked).toBe(3);
});

test("scores that are not finite are no prediction: the first such image is named, and what helps", async () => {
  const { paths, config } = await tinyRun(temporaryFolder());
  opened = await openRun(paths, config);
  const { engine, pipeline, data, evaluation } = opened;
  const [all] = data.evaluations;
  const image = (i: number): string => join(data.imageRoot, all!.samples[i]!.path);
  const theta = engine.initialParameters(1);
  const of = (model: MeasuredModel, precision: "float32" | "float16" = "float32") =>
    evaluate(model, pipeline, all!, { ...evaluation, precision });

  await expect(of(modelAt(engine, theta.fill(1e30)))).rejects.toThrow(
    `${image(0)}: its score for "${all!.classNames[0]!}" is NaN, so the adapter has diverged; ` +
      "take an earlier checkpoint, or train anew with a lower optimizer.learningRate",
  );
  // One value alone, in the features of the sixth image.
  const plain = modelAt(engine, null);
  const damaged: MeasuredModel = {
    ...plain,
    async imageFeatures(pixels, count) {
      const features = await plain.imageFeatures(pixels, count);
      return features.fill(
        Infinity,
        (5 * features.length) / count,
        (5 * features.length) / count + 1,
      );
    },
  };
  await expect(of(damaged)).rejects.toThrow(
    new RegExp(`^${image(5)}: .* so the model's weights are damaged; get the model again`),
  );
  await expect(of(damaged, "float16")).rejects.toThrow(
    /damaged or too large for float16; .*, or set training\.precision to "float32"$/,
  );
});
