import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { captionOf, className, words } from "../../src/demo/captions";
import { RandomStream } from "../../src/demo/randomStream";
import { rasterise } from "../../src/demo/rasterise";
import { sceneOf } from "../../src/demo/scene";
import { drawScene } from "../../src/demo/drawing";
import { shapes } from "../../src/demo/shapes";
import { textures } from "../../src/demo/textures";
import { pretrainingKinds, pretrainingPicture, taskKinds, taskPicture } from "../../src/demo/world";

test("pictures have the same bytes for the same seed and number, on every machine", () => {
  const hash = createHash("sha256");
  for (let index = 0; index < 200; index++) hash.update(pretrainingPicture(1, index, 48).svg);
  for (const kind of taskKinds) {
    hash.update(taskPicture(1, "photos", "test", kind, 3, 64).svg);
    hash.update(taskPicture(1, "drawings", "test", kind, 3, 64).svg);
  }
  expect(hash.digest("hex")).toMatchInlineSnapshot(
    `"cc5ce4d14951e55d23f8f5047c6ef2318fda91f6b371fe4923744ae737e7d2c9"`,
  );
});

test("pictures differ by seed, number, class, part and domain", () => {
  const [a, b] = [taskKinds[0]!, taskKinds[1]!];
  const all = [
    pretrainingPicture(1, 0, 48),
    pretrainingPicture(1, 1, 48),
    pretrainingPicture(2, 0, 48),
    taskPicture(1, "photos", "train", a, 0, 48),
    taskPicture(1, "photos", "test", a, 0, 48),
    taskPicture(1, "photos", "train", a, 1, 48),
    taskPicture(1, "photos", "train", b, 0, 48),
    taskPicture(1, "drawings", "train", a, 0, 48),
  ].map(({ svg }) => svg);
  expect(new Set(all).size).toBe(all.length);
});

test("every texture on every shape can be rasterised and shows", async () => {
  const flat = (data: Uint8Array): boolean => data.every((value, i) => value === data[i % 3]);
  for (const shape of shapes) {
    const seen = new Set<string>();
    for (const texture of textures) {
      const scene = sceneOf({ texture, shape }, 0, "photo", new RandomStream(5));
      const pixels = await rasterise(drawScene(scene, new RandomStream(6), 48));
      expect(pixels.length).toBe(48 * 48 * 3);
      expect(flat(pixels)).toBe(false);
      seen.add(createHash("sha256").update(pixels).digest("hex"));
    }
    expect(seen.size).toBe(textures.length);
  }
});

test("line drawings are grey, photos are not", async () => {
  const grey = (data: Uint8Array): boolean => data.every((value, i) => value === data[i - (i % 3)]);
  const kind = taskKinds[0]!;
  expect(grey(await rasterise(taskPicture(1, "drawings", "test", kind, 0, 48).svg))).toBe(true);
  expect(grey(await rasterise(taskPicture(1, "photos", "test", kind, 0, 48).svg))).toBe(false);
});

test("captions tell what the scene shows, in the world's words", () => {
  const known = new Set(words);
  const texts = Array.from({ length: 200 }, (_, index) => {
    const { scene } = pretrainingPicture(1, index, 48);
    const caption = captionOf(scene, new RandomStream(2, index));
    expect(caption).toContain(scene.shape);
    for (const word of caption.match(/[a-z]+/g)!) expect(known).toContain(word);
    return caption;
  });
  expect(texts.slice(0, 5)).toMatchInlineSnapshot(`
    [
      "a purple halved circle on a white background",
      "a large pink plain diamond on a green background.",
      "a red bordered diamond on a blue background.",
      "a photo of a checkered star",
      "a photo of a zigzag arrow.",
    ]
  `);
});

test("the task's classes were never shown in pre-training, each of their words was", () => {
  const task = taskKinds.map(className);
  const shown = new Set(
    Array.from({ length: 3000 }, (_, i) => className(pretrainingPicture(1, i, 8).scene)),
  );
  expect(task.filter((name) => shown.has(name))).toEqual([]);
  const parts = new Set([...shown].flatMap((name) => name.split(" ")));
  expect(task.flatMap((name) => name.split(" ")).filter((word) => !parts.has(word))).toEqual([]);
  expect(task).toEqual([...task].sort());
  expect(task.length + pretrainingKinds.length).toBe(textures.length * shapes.length);
});
