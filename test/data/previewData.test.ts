import { describe, expect, it } from "vitest";
import { classImages } from "../../src/data/classImages";
import { openData } from "../../src/data/openData";
import { previewData } from "../../src/data/previewData";
import { configSchema } from "../../src/protocol/config";
import { writeMiniature } from "../support/miniatures";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";

const animals = () =>
  temporaryFolder(
    Object.assign(
      {},
      ...["ant", "bee", "cat", "dog"].map((name) => emptyImages(name, 8)),
    ) as Record<string, string>,
  );

describe("a preview", () => {
  it("has exactly the images that a run would open, by split", () => {
    const config = configSchema.parse({
      data: { root: animals(), shots: 2 },
      protocol: "base-to-novel",
      seed: 3,
    });
    const opened = openData(config.data, config.protocol, config.seed);
    const { splits, ...facts } = previewData(config);
    expect(facts).toMatchObject({ dataset: "folder", shots: 2, seed: 3, order: "coop" });
    expect(splits.map(({ split }) => split)).toEqual(["train", "val", "base", "novel"]);
    expect(splits[0]!.images).toEqual(opened.train.map(({ path, label }) => [path, label]));
    expect(splits[3]!.classNames).toEqual(["cat", "dog"]);
    expect(splits[3]!.images).toEqual(
      opened.evaluations[1]!.samples.map(({ path, label }) => [path, label]),
    );
  });

  it("measures targets in their own folders, and data sets without training images", () => {
    const root = temporaryFolder();
    const dtd = writeMiniature(root, "dtd");
    const config = configSchema.parse({
      data: { root: animals(), shots: 2 },
      evaluation: { targets: [{ dataset: "dtd", root: dtd }] },
    });
    const { splits } = previewData(config);
    expect(splits.at(-1)!.imageRoot).toBe(`${dtd}/images`);
    writeMiniature(root, "imagenet-a");
    const tested = configSchema.parse({ data: { root, dataset: "imagenet-a" } });
    expect(previewData(tested).splits.map(({ split }) => split)).toEqual(["all"]);
  });
});

describe("the images of a class", () => {
  it("are those of its lists, by part and path", () => {
    const root = animals();
    const { name, images, imageRoot } = classImages({ root, dataset: "folder" }, 1);
    expect({ name, imageRoot }).toEqual({ name: "bee", imageRoot: root });
    expect(images.map(({ part }) => part).join(" ")).toBe(
      "train train train train val val test test",
    );
    const train = images.filter(({ part }) => part === "train").map(({ path }) => path);
    expect(train).toEqual([...train].sort());
    expect(() => classImages({ root, dataset: "folder" }, 4)).toThrow(/labels are 0 to 3/);
  });
});
