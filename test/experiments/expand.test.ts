import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireDataSets } from "../../src/experiments/requireDataSets";
import { messageOf, UserError } from "../../src/util/errors";
import { plan } from "../support/experimentPlan";
import { writeMiniature } from "../support/miniatures";
import { temporaryFolder } from "../support/temporaryFolder";

/** The error of an experiment file, without its folder. */
function complaint(content: unknown): string {
  const folder = temporaryFolder();
  try {
    plan(content, folder);
  } catch (error) {
    return messageOf(error).replaceAll(join(folder, "x"), "x");
  }
  throw new Error("was expected to be refused");
}

const name = "exp";

test("base-to-novel is 11 data sets, 3 seeds and 3 methods, and zero-shot once for each data set", () => {
  const { cells, trained } = plan({ name, protocol: "base-to-novel", root: "data" });
  expect(trained.map((set) => set.name).join(" ")).toBe(
    "imagenet caltech101 oxfordpets stanfordcars flowers102 food101 fgvcaircraft sun397 dtd eurosat ucf101",
  );
  expect(cells).toHaveLength(11 * (3 * 3 + 1));
  const [zeroShot, lora, sam, glad] = cells.map(({ config }) => config);
  expect(zeroShot).toMatchObject({
    protocol: "base-to-novel",
    training: { steps: 0 },
    evaluation: { zeroShot: true },
  });
  expect([lora, sam, glad].map((config) => config!.glad.alpha)).toEqual([0, 1, 0.5]);
  for (const config of [lora, sam, glad])
    expect(config).toMatchObject({
      seed: 1,
      training: { steps: null },
      evaluation: { zeroShot: false },
      data: { dataset: "imagenet", shots: 16, template: "a photo of a {}." },
    });
});

test("runs of earlier versions are found: the digits of their names stay what they were", () => {
  // A setting that is new, or a default that is another, makes others of all of them: that is to be seen here.
  const content = { name, protocol: "few-shot", datasets: ["dtd"], shots: [1], seeds: [1] };
  const { cells } = plan({ ...content, methods: ["zero-shot", "lora", "glad"] });
  expect(cells.map(({ identity }) => identity)).toEqual([
    "zero-shot-f8c15177",
    "1shot-seed1-lora-5a8f463e",
    "1shot-seed1-glad-660ae71b",
  ]);
});

test("few-shot goes through 1, 2, 4, 8 and 16 shots with the data sets' own prompts where asked", () => {
  const { cells } = plan({
    name,
    protocol: "few-shot",
    templates: "dataset",
    datasets: ["DTD"],
    seeds: [7],
    methods: ["zero-shot", "lora"],
  });
  expect(cells.map(({ shots, seed }) => [shots, seed])).toEqual([
    [null, null],
    ...[1, 2, 4, 8, 16].map((shots) => [shots, 7]),
  ]);
  expect(new Set(cells.map(({ config }) => config.data.template))).toEqual(new Set(["dataset"]));
});

test("domain generalization and cross-dataset measure ImageNet's runs on their targets", () => {
  const targets = (protocol: string): string[] =>
    plan({ name, protocol }).cells[0]!.config.evaluation.targets.map(({ dataset }) => dataset);
  expect(targets("domain-generalization")).toEqual([
    "imagenetv2",
    "imagenet-sketch",
    "imagenet-a",
    "imagenet-r",
  ]);
  expect(targets("cross-dataset")).toHaveLength(10);
  expect(targets("cross-dataset")).not.toContain("imagenet");
});

test("own trains on one folder and measures others, whose roots count from the file", () => {
  const folder = temporaryFolder();
  const content = {
    name,
    protocol: "own",
    source: { root: "mine" },
    targets: [
      { root: "theirs", template: "art of a {}." },
      { root: "/other/place", name: "far" },
    ],
    shots: [4],
    methods: ["glad"],
    seeds: [1],
  };
  const { config } = plan(content, folder).cells[0]!;
  expect(config.data).toMatchObject({ dataset: "folder", root: join(folder, "mine"), shots: 4 });
  expect(config.evaluation.targets).toEqual([
    { name: "theirs", dataset: "folder", root: join(folder, "theirs"), template: "art of a {}." },
    { name: "far", dataset: "folder", root: "/other/place", template: "a photo of a {}." },
  ]);
  expect(config.output).toBe(join(folder, ".glad"));
});

test("a sweep makes a method of each combination", () => {
  const { variants, cells } = plan({
    name,
    protocol: "few-shot",
    datasets: ["dtd"],
    shots: [16],
    seeds: [1],
    methods: [
      {
        name: "GLAD",
        set: { lora: { rank: 4 } },
        sweep: { "glad.alpha": [0.2, 0.8], "glad.rho": [0.01, 0.05] },
      },
    ],
  });
  expect(variants.map((variant) => variant.name)).toEqual([
    "GLAD alpha 0.2, rho 0.01",
    "GLAD alpha 0.2, rho 0.05",
    "GLAD alpha 0.8, rho 0.01",
    "GLAD alpha 0.8, rho 0.05",
  ]);
  expect(cells.map(({ config }) => [config.glad.alpha, config.glad.rho, config.lora.rank])).toEqual(
    [
      [0.2, 0.01, 4],
      [0.2, 0.05, 4],
      [0.8, 0.01, 4],
      [0.8, 0.05, 4],
    ],
  );
});

test("a cell keeps its name when the experiment is extended, and gets another when its numbers may change", () => {
  const base = { name, protocol: "base-to-novel", root: "/data", datasets: ["dtd"], seeds: [1, 2] };
  const names = (change: object): string[] =>
    plan({ ...base, ...change }).cells.map((cell) => cell.name);
  const before = names({});
  const extended = names({
    seeds: [1, 2, 3],
    datasets: ["eurosat", "dtd"],
    methods: ["sam", "glad", "lora", "zero-shot", { name: "wide", set: { lora: { rank: 8 } } }],
  });
  expect(before.filter((cell) => !extended.includes(cell))).toEqual([]);
  expect(extended).toHaveLength(2 * (3 * 4 + 1));
  // Where and how fast it is computed does not matter, nor what the method or the experiment is called.
  expect(names({ name: "other", config: { device: "cpu", threads: 3 } })).toEqual(before);
  const renamed = ["zero-shot", "lora", "sam", { name: "Ours", preset: "glad" }];
  expect(names({ methods: renamed })).toEqual(before);
  // Training more steps leaves zero-shot alone.
  const longer = names({ config: { training: { steps: 10 } } });
  expect(longer.map((cell, i) => cell === before[i])).toEqual(before.map((_, i) => i === 0));
});

test("a list of training images is named for each data set, shots and seed", () => {
  const content = {
    name,
    protocol: "few-shot",
    datasets: ["DTD"],
    shots: [1, 2],
    seeds: [3],
    methods: ["zero-shot", "lora"],
    config: { data: { list: "lists/{dataset}/shot_{shots}-seed_{seed}_train.jsonl" } },
  };
  const folder = temporaryFolder();
  expect(plan(content, folder).cells.map(({ config }) => config.data.list)).toEqual([
    null,
    join(folder, "lists/dtd/shot_1-seed_3_train.jsonl"),
    join(folder, "lists/dtd/shot_2-seed_3_train.jsonl"),
  ]);
  // Where those who publish such lists put them.
  const list = "{folder}/split_fewshot/shot_{shots}-seed_{seed}_train.jsonl";
  const there = { ...content, root: folder, config: { data: { list } } };
  const [, before] = plan(there, folder).cells;
  expect(before!.config.data.list).toBe(
    join(folder, "{folder}/split_fewshot/shot_1-seed_3_train.jsonl"),
  );
  const dtd = writeMiniature(folder, "dtd", "CLIP-LoRA");
  const [, found] = plan(there, folder).cells;
  expect(found!.config.data.list).toBe(join(dtd, "split_fewshot/shot_1-seed_3_train.jsonl"));
  expect(found!.name).toBe(before!.name);
  expect(
    complaint({ ...there, config: { data: { list: "lists/{folder}/{shots}.jsonl" } } }),
  ).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: config sets data.list to "lists/{folder}/{shots}.jsonl"; {folder} is the data set's folder, so it can only stand at the beginning"`,
  );
  expect(complaint({ ...content, config: { data: { list: "all.jsonl" } } })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: config sets data.list to "all.jsonl" for all numbers of shots; put {shots} into its name, and {dataset} and {seed} where there is a list for each"`,
  );
});

test("cross-dataset leaves out of the usual targets what it trains on, and refuses it among others", () => {
  const cross = { name, protocol: "cross-dataset", source: "caltech101", root: "/data" };
  const targets = plan(cross).targets.map((set) => set.name);
  expect(targets).toHaveLength(9);
  expect(targets).not.toContain("caltech101");
  expect(complaint({ ...cross, targets: ["dtd", "Caltech101"] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: targets: "caltech101" is what is trained on, whose accuracy every table has beside the targets' average; take it out"`,
  );
  expect(
    complaint({ ...cross, targets: [{ dataset: "caltech101", root: "/other" }] }),
  ).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: two data sets of the experiment are called "caltech101"; give one of them another "name""`,
  );
});

test("all data sets that are not there are told at once", () => {
  const root = temporaryFolder();
  writeMiniature(root, "dtd");
  const content = {
    name,
    protocol: "cross-dataset",
    root,
    source: "dtd",
    targets: ["eurosat", "ucf101", { root: "nowhere", name: "mine" }],
  };
  const planned = plan(content, root);
  const look = () => requireDataSets(planned.cells, planned);
  expect(look).toThrow(UserError);
  let text = "";
  try {
    look();
  } catch (error) {
    text = messageOf(error).replaceAll(root, "ROOT");
  }
  expect(text).toMatchInlineSnapshot(`
    "x.experiment.json, eurosat: root: ROOT neither is the folder of EuroSAT (split_zhou_EuroSAT.json, 2750) nor holds a folder "eurosat"
    x.experiment.json, ucf101: root: ROOT neither is the folder of UCF101 (split_zhou_UCF101.json, UCF-101-midframes) nor holds a folder "ucf101" or "UCF101"
    x.experiment.json, mine: root: ROOT/nowhere does not exist; check the path"
  `);
  writeMiniature(root, "eurosat");
  writeMiniature(root, "ucf101");
  mkdirSync(join(root, "nowhere"));
  expect(look).not.toThrow();
});

test("mistakes are told with their line, what was found and what is expected", () => {
  const few = { name, protocol: "few-shot" };
  expect(
    complaint('{\n  "name": "a",\n  // a comment\n  "protocol": "fewshot",\n}'),
  ).toMatchInlineSnapshot(
    `"x.experiment.json, line 4: protocol is "fewshot", expected "few-shot", "base-to-novel", "domain-generalization", "cross-dataset" or "own"; did you mean "few-shot"?"`,
  );
  expect(complaint({ ...few, seed: [1] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: "seed" is not a setting of an experiment; did you mean "seeds"?"`,
  );
  expect(complaint({ ...few, seeds: [] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: seeds is [], expected a list of at least one whole number of 0 or more; change it, or leave it out for the default [1,2,3]"`,
  );
  expect(complaint({ ...few, methods: ["gald"] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0] is "gald", expected "zero-shot", "lora", "sam", "glad" or an object in braces; did you mean "glad"?"`,
  );
  expect(complaint({ ...few, methods: [{ name: "a", preset: "lorra" }] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0].preset is "lorra", expected "zero-shot", "lora", "sam" or "glad"; did you mean "lora"?"`,
  );
  expect(complaint({ ...few, templates: "datasets" })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: templates is "datasets", but it must be "clip-lora" or "dataset", or contain "{}" where the class name goes; did you mean "dataset"?"`,
  );
  expect(complaint({ ...few, methods: [{ name: "a", rank: 2 }] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: "rank" is not a setting of methods[0]; did you mean "set.lora.rank"?"`,
  );
  expect(complaint({ ...few, targets: ["dtd"] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: targets is for protocols that measure elsewhere than they train; few-shot takes "datasets""`,
  );
  expect(complaint({ name, protocol: "own" })).toMatchInlineSnapshot(
    `"x.experiment.json: source and targets are missing: the protocol own has no default data sets; give both"`,
  );
  expect(complaint({ name, protocol: "own", source: "dtd" })).toMatchInlineSnapshot(
    `"x.experiment.json: targets is missing: the protocol own has no default data sets; give both "source" and "targets""`,
  );
  expect(complaint({ name, protocol: "base-to-novel", shots: [1, 2] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: base-to-novel takes one number of shots, found 2; keep one"`,
  );
  expect(complaint({ ...few, config: { seed: 3 } })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: config sets seed, which the experiment gives to its runs by seeds; take it out there"`,
  );
  expect(
    complaint({ ...few, methods: [{ name: "a", set: { lora: { rank: 0 } } }] }),
  ).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: lora.rank is 0, expected a whole number above 0; change it, or leave it out for the default 2"`,
  );
  expect(
    complaint({ ...few, methods: [{ name: "a", sweep: { "glad.roh": [1] } }] }),
  ).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0].sweep: "glad.roh" is not a setting; did you mean "glad.rho"?"`,
  );
  expect(
    complaint({ ...few, methods: ["glad", { name: "a", set: { glad: { alpha: 0.5 } } }] }),
  ).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: the methods "GLAD" and "a" have the same settings; take one of them out"`,
  );
  expect(complaint({ ...few, datasets: ["dtd", "DTD"] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: two data sets of the experiment are called "dtd"; give one of them another "name""`,
  );
  expect(complaint({ ...few, datasets: ["mnist"] })).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: unknown data set "mnist"; known are "imagenet", "caltech101", "oxfordpets", "stanfordcars", "flowers102", "food101", "fgvcaircraft", "sun397", "dtd", "eurosat", "ucf101", "imagenetv2", "imagenet-sketch", "imagenet-a", "imagenet-r""`,
  );
  const one = (change: object) => expect(complaint({ ...few, ...change }));
  one({ datasets: ["caltech100"] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: unknown data set "caltech100"; the nearest is "caltech101", and known are "imagenet", "caltech101", "oxfordpets", "stanfordcars", "flowers102", "food101", "fgvcaircraft", "sun397", "dtd", "eurosat", "ucf101", "imagenetv2", "imagenet-sketch", "imagenet-a", "imagenet-r""`,
  );
  one({
    protocol: "own",
    datasets: null,
    source: "./photos",
    targets: ["dtd"],
  }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: "./photos" is no published data set; a folder of your own is given as {"root": "./photos"}"`,
  );
  one({ datasets: ["dtd", {}] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: datasets[1]: is a folder of images without a root; give its "root""`,
  );
  one({ datasets: [{ dataset: "dtd", template: "a photo" }] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: datasets[0].template is "a photo", but it must contain "{}" where the class name goes, or be "dataset"; change it, or leave it out for the default null"`,
  );
  one({ seeds: [1, 2, 1] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: seeds lists 1 twice; take one of them out"`,
  );
  one({ shots: [4, 4] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: shots lists 4 twice; take one of them out"`,
  );
  one({ config: { trainig: {} } }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: "trainig" is not a setting; did you mean "training"?"`,
  );
  one({ methods: [{ name: "a\nb" }] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0].name is "a\\nb", but it must be one line of at most 40 characters without blanks around it; change it"`,
  );
  one({ methods: ["lora", "lora"] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods: two of them are called "LoRA"; give one of them another "name""`,
  );
  one({ methods: [{ name: "a", sweep: { "glad.rho": 0.1 } }] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0].sweep.glad.rho is 0.1, expected a list of at least one number of 0 or more; change it"`,
  );
  one({ methods: [{ name: "a", sweep: { "glad.rho": [] } }] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0].sweep.glad.rho is [], expected a list of at least one number of 0 or more; change it"`,
  );
  one({ methods: [{ name: "a", sweep: { "glad.rho": [0.1, 0.1] } }] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0].sweep: "glad.rho" lists 0.1 twice; take one of them out"`,
  );
  // They would be made, and looked at, while somebody types.
  const many = Array.from({ length: 32 }, (_, i) => i + 1);
  one({
    methods: ["glad", { name: "a", sweep: { "glad.rho": many, "lora.rank": many } }],
  }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[1].sweep: has 1024 combinations of values, each a method, expected at most 1000; take settings or values out, or make several experiments of it"`,
  );
  one({ methods: [{ name: "a", sweep: { seed: [1, 2] } }] }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0] sets seed, which the experiment gives to its runs by seeds; take it out there"`,
  );
  one({
    methods: [{ name: "ZS", preset: "zero-shot", set: { lora: { rank: 4 } } }],
  }).toMatchInlineSnapshot(
    `"x.experiment.json, line 1: methods[0] sets lora.rank, which zero-shot does not use, because nothing is trained; take it out"`,
  );
});

test("an executor's mistakes are told by what its kind takes", () => {
  const one = (executor: unknown) =>
    expect(complaint({ name, protocol: "few-shot", executor }).replace(", line 1", ""));
  one({ kind: "k8s" }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.kind is "k8s", expected "local" or "slurm"; change it"`,
  );
  one({ kind: "slrum" }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.kind is "slrum", expected "local" or "slurm"; did you mean "slurm"?"`,
  );
  one({ parallel: 2 }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.kind is missing, expected "local" or "slurm"; give it"`,
  );
  one("slurm").toMatchInlineSnapshot(
    `"x.experiment.json: executor is "slurm", expected an object in braces; change it, or leave it out for the defaults"`,
  );
  one({ kind: "local", parallel: 0 }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.parallel is 0, expected "auto" or a whole number above 0; change it, or leave it out for the default "auto""`,
  );
  one({ kind: "slurm", parallel: "auto" }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.parallel is "auto", expected a whole number above 0 or null; change it, or leave it out for the default null"`,
  );
  one({ kind: "local", partition: "gpu" }).toMatchInlineSnapshot(
    `"x.experiment.json: "partition" is not a setting of executor; known are kind, parallel, retries"`,
  );
  one({ kind: "slurm", partion: "gpu" }).toMatchInlineSnapshot(
    `"x.experiment.json: "partion" is not a setting of executor; did you mean "partition"?"`,
  );
  one({ kind: "slurm", partition: "two words" }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.partition is "two words", but it must be one word without blanks, quotes, backslashes and dollar signs; change it, or leave it out for the default null"`,
  );
  one({ kind: "slurm", extraLines: ["a\nb"] }).toMatchInlineSnapshot(
    `"x.experiment.json: executor.extraLines[0] is "a\\nb", but it must be one line; change it"`,
  );
});
