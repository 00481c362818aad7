import { join } from "node:path";
import { expect, test } from "vitest";
import { openData } from "../../src/data/openData";
import { openFrozenData, writeSplitFile } from "../../src/data/splitFile";
import { resolveTargets, withTargets } from "../../src/data/targets";
import { configSchema } from "../../src/protocol/config";
import { temporaryFolder } from "../support/temporaryFolder";

/** Train and test pictures of some classes; nothing reads their content. */
function images(folder: string, classes: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    classes.flatMap((name) =>
      ["train/x0", "train/x1", "val/x2", "test/x3", "test/x4"].map((place) => {
        const [part, file] = place.split("/");
        return [`${folder}/${part}/${name}/${file}.png`, ""];
      }),
    ),
  );
}

test("targets are measured with classes, folder and prompt of their own, and frozen so", () => {
  const root = temporaryFolder({
    ...images("source", ["ant", "bee"]),
    ...images("garden", ["bee", "cat", "dog"]),
    ...images("zoo", ["elk", "ant"]),
  });
  const { data, evaluation } = configSchema.parse({
    data: { root: join(root, "source"), shots: 2 },
    evaluation: {
      targets: [
        { root: join(root, "garden") },
        { root: join(root, "zoo"), name: "animals", template: "art of a {}." },
      ],
    },
  });
  const targets = resolveTargets(evaluation.targets, data.template);
  const opened = withTargets(openData(data, "all", 1), targets);
  expect(
    opened.evaluations.map(({ split, classNames, samples, imageRoot, template }) => [
      split,
      classNames.join(" "),
      samples.length,
      imageRoot && imageRoot.slice(root.length),
      template,
    ]),
  ).toEqual([
    ["all", "ant bee", 4, undefined, undefined],
    ["target:garden", "bee cat dog", 6, "/garden", "a photo of a {}."],
    ["target:animals", "ant elk", 4, "/zoo", "art of a {}."],
    ["val", "ant bee", 2, undefined, undefined],
  ]);

  const file = join(root, "split.jsonl");
  const splitHash = writeSplitFile(file, opened);
  const frozen = { data, evaluation: { targets }, run: { splitHash } };
  expect(openFrozenData(frozen, file).evaluations).toEqual(opened.evaluations);
});

test("two targets of one name are refused", () => {
  const root = temporaryFolder({ ...images("a/zoo", ["elk"]), ...images("b/zoo", ["elk"]) });
  const { evaluation } = configSchema.parse({
    data: {},
    evaluation: { targets: [{ root: join(root, "a/zoo") }, { root: join(root, "b/zoo") }] },
  });
  expect(() => resolveTargets(evaluation.targets, "a photo of a {}.")).toThrow(
    'evaluation.targets: two of them are called "zoo"; give one of them another "name"',
  );
});

test("what is wrong with a target names its own settings", () => {
  const root = temporaryFolder({
    ...images("source", ["ant", "bee"]),
    ...images("zoo", ["elk", "owl"]),
  });
  const parse = (...targets: { root?: string; dataset?: "folder" | "eurosat" }[]) =>
    configSchema.parse({ data: { root: join(root, "source"), shots: 2 }, evaluation: { targets } });
  const zoo = { root: join(root, "zoo") };
  const open = (...written: Parameters<typeof parse>) => {
    const { data, evaluation } = parse(...written);
    return withTargets(openData(data, "all", 1), resolveTargets(evaluation.targets, data.template));
  };
  expect(() => open(zoo, {})).toThrow(/^evaluation\.targets\[1\]\.root: is not given; /);
  const missing = { root: join(root, "nosuch") };
  const message = `evaluation.targets[1].root: ${missing.root} does not exist`;
  expect(() => open(zoo, missing)).toThrow(message);

  // So it is for a run whose target is gone when it is opened again.
  const { data, evaluation } = parse(zoo, { root: join(root, "source") });
  const targets = resolveTargets(evaluation.targets, data.template);
  const file = join(root, "split.jsonl");
  const splitHash = writeSplitFile(file, withTargets(openData(data, "all", 1), targets));
  targets[1]!.root = missing.root;
  expect(() => openFrozenData({ data, evaluation: { targets }, run: { splitHash } }, file)).toThrow(
    message,
  );
});

test("a target that lacks images of a class is named by its folder", () => {
  const zoo = "日本語 & co";
  const root = temporaryFolder({
    ...images("source", ["ant", "bee"]),
    ...images(zoo, ["elk"]),
    [`${zoo}/train/owl/x.png`]: "",
  });
  const { data, evaluation } = configSchema.parse({
    data: { root: join(root, "source"), shots: 1 },
    evaluation: { targets: [{ root: join(root, zoo), name: "co-091106" }] },
  });
  const targets = resolveTargets(evaluation.targets, data.template);
  expect(() => withTargets(openData(data, "all", 1), targets)).toThrow(
    `the classes in ${join(root, zoo)} have no test image of 1 class: owl; add some`,
  );
});

test("what a folder lacks for training is told of what is trained on, and not of targets", () => {
  const two = (name: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(images(name, ["ant", "bee"])).filter(([path]) => !path.includes("/val/")),
    );
  const root = temporaryFolder({
    ...two("source"),
    ...two("日本語 & co"),
    "日本語 & co/classes.json": '{ "cat": "cat" }',
  });
  const { data, evaluation } = configSchema.parse({
    data: { root: join(root, "source"), shots: 1 },
    evaluation: { targets: [{ root: join(root, "日本語 & co"), name: "co-091106" }] },
  });
  const targets = resolveTargets(evaluation.targets, data.template);
  const { notes } = withTargets(openData(data, "all", 1), targets);
  expect(notes).toEqual([
    `${join(root, "source")} has no folder "val": there are no validation images.`,
    `${join(root, "日本語 & co", "classes.json")}: 1 name without a class folder: cat.`,
  ]);
});
