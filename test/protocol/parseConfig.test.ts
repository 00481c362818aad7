import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig, loadWritten } from "../../src/protocol/loadConfig";
import { parseConfig } from "../../src/protocol/parseConfig";
import { temporaryFolder } from "../support/temporaryFolder";

const parse = (text: string) => parseConfig(text, "glad.json");

/** The sentences that a configuration is refused with. */
function sentences(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect((error as Error).name).toBe("UserError");
    return (error as Error).message;
  }
  throw new Error("the configuration was accepted");
}

const refused = (config: unknown): string => sentences(() => parse(JSON.stringify(config)));

describe("a good configuration", () => {
  test("may hold comments and commas at the end, and gets every default", () => {
    const config = parse(`{
      // where the images lie
      "data": { "root": "photos", /* few */ "shots": 4, },
      "lora": { "rank": 8, },
    }`);
    expect(config.data).toMatchObject({ root: "photos", shots: 4, order: "coop" });
    expect(config.lora).toMatchObject({ rank: 8, alpha: 1, targets: ["q", "k", "v"] });
    expect(config.glad).toEqual({ alpha: 0.5, rho: 0.05, period: 1 });
  });

  test("a byte order mark is no part of it", () => {
    const folder = temporaryFolder({ "glad.json": '\uFEFF{ "data": { "shots": 2 } }' });
    expect(loadConfig("glad.json", [], folder).data.shots).toBe(2);
  });

  test("a run's frozen configuration repeats the run", () => {
    const config = parse('{ "data": {}, "seed": 3, "run": { "id": "20260101-000000-run" } }');
    expect(config.seed).toBe(3);
    expect(config).not.toHaveProperty("run");
  });
});

describe("values", () => {
  test("that are numbers with other ways of writing them than JSON's", () => {
    expect(
      refused({ glad: { alpha: ".5", rho: "0x10" }, data: { skipUnreadable: "True" } }).split("\n"),
    ).toEqual([
      'glad.json, line 1: data.skipUnreadable is "True", expected true or false; write true without the quotes',
      'glad.json, line 1: glad.alpha is ".5", expected a number from 0 to 1; write 0.5 without the quotes',
      expect.stringMatching(/^glad\.json, line 1: glad\.rho is "0x10", .*; change it, or leave/),
    ]);
    const large = sentences(() => parse('{ "seed": 1e999 }'));
    expect(large).toMatch(/: seed is Infinity, expected a whole number/);
  });

  test("under names that every object has", () => {
    const message = sentences(() => parse('{ "constructor": 1, "lora": { "toString": 2 } }'));
    expect(message).toContain('"constructor" is not a setting; ');
    expect(message).toContain('"toString" is not a setting of "lora"; ');
  });

  test("of a wrong type", () => {
    expect(
      refused({
        data: { root: 3, skipUnreadable: "true" },
        training: { batchSize: "16", augment: 1, steps: "many" },
        lora: [],
        optimizer: { betas: [0.9] },
      }),
    ).toMatchInlineSnapshot(`
      "glad.json, line 1: data.root is 3, expected a text in quotes or null; change it, or leave it out for the default null
      glad.json, line 1: data.skipUnreadable is "true", expected true or false; write true without the quotes
      glad.json, line 1: lora is [], expected an object in braces; change it, or leave it out for the defaults
      glad.json, line 1: optimizer.betas is [0.9], expected a list of two numbers of 0 or more and below 1; change it, or leave it out for the default [0.9,0.999]
      glad.json, line 1: training.steps is "many", expected null or a whole number of 0 or more; change it, or leave it out for the default null
      glad.json, line 1: training.batchSize is "16", expected a whole number above 0; write 16 without the quotes
      glad.json, line 1: training.augment is 1, expected true or false; change it, or leave it out for the default true"
    `);
  });

  test("outside of their range", () => {
    expect(
      refused({
        data: { shots: 0 },
        lora: { rank: 0, dropout: 1, targets: ["q", "z"], layers: [-1] },
        glad: { rho: -1, alpha: 1.5 },
        training: { microBatchSize: 0, batchSize: 1.5 },
        optimizer: { betas: [0.9, 1], learningRate: 0 },
        evaluation: { earlyStop: { patience: 0 } },
      }),
    ).toMatchInlineSnapshot(`
      "glad.json, line 1: data.shots is 0, expected a whole number above 0 or null; change it, or leave it out for the default 16
      glad.json, line 1: lora.targets[1] is "z", expected "q", "k", "v", "o", "fc1" or "fc2"; change it
      glad.json, line 1: lora.layers[0] is -1, expected a whole number of 0 or more; change it
      glad.json, line 1: lora.rank is 0, expected a whole number above 0; change it, or leave it out for the default 2
      glad.json, line 1: lora.dropout is 1, expected a number of 0 or more and below 1; change it, or leave it out for the default 0.25
      glad.json, line 1: glad.alpha is 1.5, expected a number from 0 to 1; change it, or leave it out for the default 0.5
      glad.json, line 1: glad.rho is -1, expected a number of 0 or more; change it, or leave it out for the default 0.05
      glad.json, line 1: optimizer.learningRate is 0, expected a number above 0; change it, or leave it out for the default 0.0002
      glad.json, line 1: optimizer.betas[1] is 1, expected a number of 0 or more and below 1; change it
      glad.json, line 1: training.batchSize is 1.5, expected a whole number above 0; change it, or leave it out for the default 32
      glad.json, line 1: training.microBatchSize is 0, expected "auto" or a whole number above 0; change it, or leave it out for the default "auto"
      glad.json, line 1: evaluation.earlyStop.patience is 0, expected a whole number above 0; change it, or leave it out for the default 5"
    `);
  });

  test("too large for what holds them", () => {
    const text = `{
      "seed": 9007199254740993, "data": { "shots": 1e300 }, "training": { "microBatchSize": 1e16 },
      "glad": { "rho": 1e400, "alpha": 1e20 }, "optimizer": { "betas": [-1e400, 0.5], "weightDecay": [1e999] }
    }`;
    expect(sentences(() => parse(text))).toMatchInlineSnapshot(`
      "glad.json, line 2: data.shots is 1e+300, expected a whole number above 0 and up to 9007199254740991 or null; change it, or leave it out for the default 16
      glad.json, line 2: seed is 9007199254740992, expected a whole number from 0 to 9007199254740991; change it, or leave it out for the default 1
      glad.json, line 3: glad.alpha is 100000000000000000000, expected a number from 0 to 1; change it, or leave it out for the default 0.5
      glad.json, line 3: glad.rho is Infinity, expected a finite number of 0 or more; change it, or leave it out for the default 0.05
      glad.json, line 3: optimizer.betas[0] is -Infinity, expected a number of 0 or more and below 1; change it
      glad.json, line 3: optimizer.weightDecay is ["Infinity"], expected a number of 0 or more; change it, or leave it out for the default 0.01
      glad.json, line 2: training.microBatchSize is 10000000000000000, expected "auto" or a whole number above 0 and up to 9007199254740991; change it, or leave it out for the default "auto""
    `);
  });

  test("that are none of the choices or break a rule", () => {
    expect(
      refused({
        name: "my run",
        data: { order: "random", template: "a photo" },
        protocol: "novel",
        device: "gpu",
        lora: { layers: "first" },
      }),
    ).toMatchInlineSnapshot(`
      "glad.json, line 1: name is "my run", but it may hold up to 100 letters, digits, dots, dashes and underscores; change it, or leave it out for the default "run"
      glad.json, line 1: data.order is "random", expected "coop" or "clip-lora"; change it, or leave it out for the default "coop"
      glad.json, line 1: data.template is "a photo", but it must contain "{}" where the class name goes, or be "dataset"; change it, or leave it out for the default "a photo of a {}."
      glad.json, line 1: protocol is "novel", expected "all" or "base-to-novel"; did you mean "base-to-novel"?
      glad.json, line 1: lora.layers is "first", expected "all" or a list of at least one whole number of 0 or more; change it, or leave it out for the default "all"
      glad.json, line 1: device is "gpu", but it must be "auto", "cpu", "webgpu", "cuda", "cuda:N" or "dml"; change it, or leave it out for the default "auto""
    `);
  });

  test("that are nearly one of the choices", () => {
    expect(
      refused({
        protocol: "base-to-novell",
        device: "cuda0",
        data: { template: "datset" },
        lora: { encoder: "bothh", targets: ["fc11"] },
        training: { microBatchSize: "Auto" },
      }),
    ).toMatchInlineSnapshot(`
      "glad.json, line 1: data.template is "datset", but it must contain "{}" where the class name goes, or be "dataset"; did you mean "dataset"?
      glad.json, line 1: protocol is "base-to-novell", expected "all" or "base-to-novel"; did you mean "base-to-novel"?
      glad.json, line 1: lora.encoder is "bothh", expected "vision", "text" or "both"; did you mean "both"?
      glad.json, line 1: lora.targets[0] is "fc11", expected "q", "k", "v", "o", "fc1" or "fc2"; did you mean "fc1"?
      glad.json, line 1: training.microBatchSize is "Auto", expected "auto" or a whole number above 0; did you mean "auto"?
      glad.json, line 1: device is "cuda0", but it must be "auto", "cpu", "webgpu", "cuda", "cuda:N" or "dml"; did you mean "cuda"?"
    `);
  });

  test("a section that is no object", () => {
    expect(parseConfig("{}", "glad.json").data.root).toBeNull();
    expect(refused({ data: null })).toMatchInlineSnapshot(
      `"glad.json, line 1: data is null, expected an object in braces; change it, or leave it out for the defaults"`,
    );
  });
});

test("an unknown key names its nearest neighbour, in its own section or where it belongs", () => {
  expect(
    refused({
      data: { shot: 4, root_folder: "x" },
      lora: { rnak: 2, learningRate: 1 },
      batch_size: 4,
      epochs: 3,
      evaluation: { earlyStop: { patients: 3 }, "earlyStop.patience": 4 },
      "lora.rank": 4,
    }),
  ).toMatchInlineSnapshot(`
    "glad.json, line 1: "shot" is not a setting of "data"; did you mean "shots"?
    glad.json, line 1: "root_folder" is not a setting of "data"; did you mean "root"?
    glad.json, line 1: "rnak" is not a setting of "lora"; did you mean "rank"?
    glad.json, line 1: "learningRate" is not a setting of "lora"; did you mean "optimizer.learningRate"?
    glad.json, line 1: "patients" is not a setting of "evaluation.earlyStop"; did you mean "patience"?
    glad.json, line 1: "earlyStop.patience" is not a setting of "evaluation"; write "earlyStop": { "patience": 4 }
    glad.json, line 1: "batch_size" is not a setting; did you mean "training.batchSize"?
    glad.json, line 1: "epochs" is not a setting; did you mean "training.steps"?
    glad.json, line 1: "lora.rank" is not a setting; write "lora": { "rank": 4 }"
  `);
});

test("a key that every object has by itself is as unknown as any other", () => {
  const text = '{ "__proto__": { "x": 1 }, "constructor": 1, "lora": { "toString": 1 } }';
  const said = sentences(() => parse(text)).split("\n");
  expect(said[1]).toMatch(/"__proto__" is not a setting; did you mean "protocol"\?$/);
  expect(said[2]).toMatch(/"constructor" is not a setting; the nearest is "output", and all of/);
  expect(said[0]).toMatch(/"toString" is not a setting of "lora"; the nearest is "scaling", and/);
});

test("the line of a mistake is told, also among comments", () => {
  const text = `{
    // images
    "data": {},
    "lora": {
      "rank": 2,
      "targets": [
        "q",
        "zz"
      ]
    },
    "glda": {}
  }`;
  expect(sentences(() => parse(text))).toMatchInlineSnapshot(`
    "glad.json, line 8: lora.targets[1] is "zz", expected "q", "k", "v", "o", "fc1" or "fc2"; change it
    glad.json, line 11: "glda" is not a setting; did you mean "glad"?"
  `);
});

describe("impossible combinations", () => {
  test("of learning rates, of early stop, of doubled names", () => {
    expect(
      refused({
        data: {},
        optimizer: { learningRate: 1e-5, minLearningRate: 1e-3 },
        evaluation: { earlyStop: {} },
        lora: { targets: ["q", "k", "q"], layers: [0, 0] },
      }),
    ).toMatchInlineSnapshot(`
      "glad.json, line 1: optimizer.minLearningRate is 0.001, above optimizer.learningRate (0.00001); lower it
      glad.json, line 1: evaluation.earlyStop needs evaluations during training, but evaluation.every is 0; set it to the steps between evaluations
      glad.json, line 1: lora.targets names "q" twice; name each once
      glad.json, line 1: lora.layers names 0 twice; name each once"
    `);
  });
});

describe("a text that is no configuration", () => {
  test.each([
    ["nothing", ""],
    ["a missing comma", '{ "data": {}\n "seed": 1 }'],
    ["a list", "[1]"],
    ["a web page", "<!DOCTYPE html><html></html>"],
    ["a doubled key", '{ "data": {},\n "seed": 1,\n "seed": 2 }'],
    ["brackets without end", "[".repeat(100_000)],
    ["an object in thousands of others", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
    ["a cut file", '{ "data": { "root": "x"'],
  ])("%s", (_what, text) => {
    expect(sentences(() => parse(text))).toMatchSnapshot();
  });

  test("a file that is not there", () => {
    const folder = temporaryFolder();
    const said = sentences(() => loadConfig("none.json", [], folder)).replaceAll(folder, "FOLDER");
    expect(said).toMatchInlineSnapshot(
      `"FOLDER/none.json: the configuration does not exist; check the path, or write one with your settings"`,
    );
  });
});

describe("--set", () => {
  const file = { "glad.json": '{ "data": { "shots": 4 }, "name": "one" }' };

  test("takes the place of what the file says, with values as JSON or text", () => {
    const config = loadConfig(
      "glad.json",
      [
        "data.shots=null",
        'lora.targets=["q"]',
        "name=17",
        "evaluation.earlyStop.patience=3",
        "evaluation.every=2",
      ],
      temporaryFolder(file),
    );
    expect(config).toMatchObject({ name: "17", data: { shots: null }, lora: { targets: ["q"] } });
    expect(config.evaluation.earlyStop).toEqual({ patience: 3, minDelta: 0 });
  });

  test("what was written in the file or by it is known from what was left to its default", () => {
    const { given } = loadWritten("glad.json", ["lora.rank=2"], temporaryFolder(file));
    expect([...given].sort()).toEqual(["data.shots", "lora.rank", "name"]);
  });

  test("a mistake in it is told as one of the command line", () => {
    const folder = temporaryFolder(file);
    const all = [
      ["lora.rank=0"],
      ["lora.rnak=2"],
      ["rank=2"],
      ["batch=2"],
      ["seed"],
      ["seed=x"],
      ["seed=1e300"],
      ["lora.rank=999999999999999999999"],
      ["glad.rho=1e400"],
      [`lora.rank=${"[".repeat(50_000)}${"]".repeat(50_000)}`],
      ["constructor=1"],
      ["lora.toString=1"],
      ["__proto__=1"],
      ["model="],
      ["output= "],
    ].map((sets) => sentences(() => loadConfig("glad.json", sets, folder)));
    expect(all.join("\n")).toMatchInlineSnapshot(`
      "--set lora.rank=0: lora.rank is 0, expected a whole number above 0; change it, or leave it out for the default 2
      --set lora.rnak=2: "lora.rnak" is not a setting; did you mean "lora.rank"?
      --set rank=2: "rank" is not a setting; did you mean "lora.rank"?
      --set batch=2: "batch" is not a setting; did you mean "training.batchSize"?
      --set seed: expected a setting and its value, e.g. --set lora.rank=4
      --set seed=x: seed is "x", expected a whole number of 0 or more; change it, or leave it out for the default 1
      --set seed=1e300: seed is 1e+300, expected a whole number from 0 to 9007199254740991; change it, or leave it out for the default 1
      --set lora.rank=999999999999999999999: lora.rank is 1e+21, expected a whole number above 0 and up to 9007199254740991; change it, or leave it out for the default 2
      --set glad.rho=1e400: glad.rho is Infinity, expected a finite number of 0 or more; change it, or leave it out for the default 0.05
      --set lora.rank: the value is nested more than 100 levels deep, as no setting is; give another one
      --set constructor=1: "constructor" is not a setting; the nearest is "output"
      --set lora.toString=1: "lora.toString" is not a setting; the nearest is "lora.scaling"
      --set __proto__=1: "__proto__" is not a setting; did you mean "protocol"?
      --set model=: model is "", but it must not be empty; change it, or leave it out for the default "openai/clip-vit-base-patch16"
      --set output= : output is " ", but it must not be empty; change it, or leave it out for the default ".glad""
    `);
  });
});

describe("paths", () => {
  test("count from the file's folder; those of --set from the working folder", () => {
    const text =
      '{ "data": { "root": "photos", "list": "~/list.jsonl" }, "lora": { "init": "../adapter" } }';
    const folder = temporaryFolder({ "project/glad.json": text });
    const config = loadConfig("project/glad.json", ["output=runs"], folder);
    expect(config.data.root).toBe(join(folder, "project/photos"));
    expect(config.data.list).toBe(join(homedir(), "list.jsonl"));
    expect(config.lora.init).toBe(join(folder, "adapter"));
    expect(config.output).toBe(join(folder, "runs"));
    expect(loadConfig("project/glad.json", [], folder).output).toBe(join(folder, "project/.glad"));
  });

  test("a model is a folder where it is written as one or is there, otherwise an id", () => {
    const folder = temporaryFolder({ "glad.json": '{ "data": {} }' });
    mkdirSync(join(folder, "models/tiny"), { recursive: true });
    const model = (name: string) => loadConfig("glad.json", [`model=${name}`], folder).model;
    expect(model("models/tiny")).toBe(join(folder, "models/tiny"));
    expect(model("./other")).toBe(join(folder, "other"));
    expect(model("~/clip")).toBe(join(homedir(), "clip"));
    expect(model("openai/clip-vit-base-patch32")).toBe("openai/clip-vit-base-patch32");
  });
});
