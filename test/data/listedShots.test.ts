import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeListedShots } from "../../src/data/listedShots";
import { readData } from "../../src/data/readData";
import { configSchema } from "../../src/protocol/config";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";

/** Of four classes, the third of which has one image to train with, and the others three. */
const animals = () =>
  temporaryFolder(
    Object.fromEntries(
      ["ant", "bee", "cow", "dog"].flatMap((name) =>
        Object.entries({
          ...emptyImages(`train/${name}`, name === "cow" ? 1 : 3),
          ...emptyImages(`test/${name}`, 1),
        }),
      ),
    ),
  );

/** What is said of a list of these images of each class, for two shots; the list's own path is called LIST. */
function said(images: Record<string, number[]>, protocol: "all" | "base-to-novel" = "all") {
  const list = join(temporaryFolder(), "list.jsonl");
  const lines = Object.entries(images).flatMap(([name, numbers]) =>
    numbers.map((i) => JSON.stringify({ path: `train/${name}/00${i - 1}.jpg` })),
  );
  writeFileSync(list, lines.join("\n"));
  const { data } = configSchema.parse({ data: { root: animals(), shots: 2, list } });
  return describeListedShots(data, protocol, readData)?.replace(list, "LIST") ?? null;
}

test("a list has as many images of each class as there are shots, or all of a class with fewer", () => {
  expect(said({ ant: [1, 2], bee: [2, 3], cow: [1], dog: [1, 3] })).toBeNull();
  // CLIP-LoRA fills a class with fewer by repetition.
  expect(said({ ant: [1, 2], bee: [2, 3], cow: [1, 1], dog: [1, 3] })).toBeNull();
});

test("what differs is told with a class and how many others there are", () => {
  expect(said({ ant: [1, 2], bee: [2], cow: [1], dog: [1, 3] })).toBe(
    'LIST: names 1 training image of class "bee" where shots is 2; name 2 of each class (all of one that has fewer), or change shots',
  );
  expect(said({ ant: [1, 2, 3], bee: [1, 2], cow: [1] })).toBe(
    'LIST: names 3 training images of class "ant" where shots is 2, and another number than that of 1 other class as well; name 2 of each class (all of one that has fewer), or change shots',
  );
  expect(said({ ant: [1, 2], bee: [2, 2], cow: [1, 1, 1], dog: [1, 3] })).toMatch(
    /names 3 training images of class "cow" where shots is 2;/,
  );
});

test("of novel classes a list need not name any image", () => {
  expect(said({ ant: [1, 2], bee: [2, 3] }, "base-to-novel")).toBeNull();
  expect(said({ ant: [1, 2], bee: [2, 3] })).toMatch(/names 0 training images of class "cow"/);
});
