import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { registerExperiment } from "../../src/cli/experimentCommand";
import { checkExperimentData } from "../../src/experiments/checkData";
import { checkExperiment } from "../../src/experiments/checkExperiment";
import { expandExperiment } from "../../src/experiments/expand";
import { parseExperiment } from "../../src/experiments/loadExperiment";
import { writeMiniature } from "../support/miniatures";
import { runCommand } from "../support/runCommand";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

function loaded(content: object, folder = "/") {
  const text = JSON.stringify({ name: "e", protocol: "base-to-novel", ...content });
  return {
    experiment: parseExperiment(text, "e.experiment.json", folder),
    file: "/e.experiment.json",
  };
}

/** Places of the problems with the beginnings of their sentences. */
function problems(content: object): [string, string][] {
  return checkExperiment(loaded(content)).map(({ path, message }) => [path.join("."), message]);
}

describe("without looking at files", () => {
  test("nothing is wrong with the four methods on all data sets", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ protocol: "few-shot", seeds: [1, 2], shots: [1, 2] })).toEqual([]);
  });

  test("a data set that does not exist is named with its likeliest neighbour", () => {
    expect(
      problems({ datasets: ["dtd", "dtdd", { dataset: "caltech-1O1" }, "folder", "my/photos"] }),
    ).toEqual([
      ["datasets.1", expect.stringMatching(/^unknown data set "dtdd"; the nearest is "dtd"/)],
      ["datasets.2.dataset", expect.stringContaining('the nearest is "caltech101"')],
      ["datasets.3", expect.stringContaining('{ "root": "path" }')],
      ["datasets.4", expect.stringContaining('{"root": "my/photos"}')],
    ]);
  });

  test("a text of brackets and keys that every object has are refused in words", () => {
    const parse = (text: string) => () => parseExperiment(text, "e.experiment.json", "/");
    expect(parse("[".repeat(100_000))).toThrow(
      "e.experiment.json: is nested more than 100 levels deep, too deeply to be a configuration",
    );
    expect(parse('{ "name": "e", "protocol": "few-shot", "constructor": 3 }')).toThrow(
      /"constructor" is not a setting of an experiment; known are name, /,
    );
    expect(problems({ methods: [{ name: "x", sweep: { constructor: [1] } }] })).toEqual([
      ["methods.0.sweep.constructor", expect.stringContaining('the nearest is "lora.encoder"')],
    ]);
  });

  test("settings are wrong where they were written: in config, in a method, in its sweep", () => {
    const content = {
      config: { lora: { rnak: 4 }, seed: 1 },
      methods: [
        "lora",
        { name: "a", set: { glad: { rho: -1 } } },
        { name: "b", sweep: { "glad.rhoo": [1] } },
        { name: "c", sweep: { "lora.rank": [2, 0] } },
        { name: "d", set: { output: "x" } },
        { name: "e", set: { "lora.rank": 4 } },
      ],
    };
    expect(problems(content)).toEqual([
      ["config.seed", expect.stringContaining("config sets seed")],
      ["config.lora.rnak", expect.stringContaining('did you mean "rank"?')],
      ["methods.1.set.glad.rho", expect.stringContaining("glad.rho is -1")],
      ["methods.2.sweep.glad.rhoo", expect.stringContaining('methods[2].sweep: "glad.rhoo"')],
      ["methods.3.sweep.lora.rank.1", expect.stringContaining("lora.rank is 0")],
      ["methods.4.set.output", expect.stringContaining("methods[4] sets output")],
      ["methods.5.set.lora.rank", expect.stringMatching(/; write "lora": \{ "rank": 4 \}$/)],
    ]);
  });

  test("what would be one run under two names is found, as expanding finds it", () => {
    const twins = { methods: ["glad", { name: "g", set: { glad: { rho: 0.05 } } }] };
    expect(problems(twins)).toEqual([
      ["methods.1", expect.stringContaining('the methods "GLAD" and "g" have the same settings')],
    ]);
    expect(() => expandExperiment(loaded({ ...twins, root: "/data" }))).toThrow(
      "the same settings",
    );
    expect(problems({ methods: ["lora", { name: "LoRA", preset: "sam" }] })).toEqual([
      ["methods", expect.stringContaining('two of them are called "LoRA"')],
    ]);
    expect(problems({ datasets: ["dtd", { name: "dtd", root: "x" }] })).toEqual([
      ["datasets", expect.stringContaining('two data sets of the experiment are called "dtd"')],
    ]);
  });
});

describe("with the data", () => {
  test("roots that are not there and data sets that are not below them are named", () => {
    const folder = temporaryFolder();
    const root = join(folder, "data");
    writeMiniature(root, "dtd");
    mkdirSync(join(folder, "mine"));
    const found = (content: object) =>
      checkExperimentData(loaded(content, folder)).map(({ path, message }) => [
        path.join("."),
        message,
      ]);
    expect(found({ root: "nowhere" })).toEqual([
      ["root", `root: there is no folder ${join(folder, "nowhere")}`],
    ]);
    const datasets = ["dtd", "eurosat", { root: "mine" }, { root: "gone" }];
    expect(found({ root: "data", datasets })).toEqual([
      ["datasets.1", expect.stringContaining(`${root} neither is the folder of EuroSAT`)],
      ["datasets.3.root", `root: there is no folder ${join(folder, "gone")}`],
    ]);
    expect(found({ root: "data" })).toEqual([
      ["root", expect.stringMatching(/^of the 11 data sets .* 10 were not found, .*: imagenet, /)],
    ]);
    writeMiniature(root, "eurosat");
    const transfer = { protocol: "cross-dataset", source: "dtd", root: "data" };
    expect(found({ ...transfer, targets: ["eurosat"] })).toEqual([]);
    expect(found(transfer)).toEqual([["root", expect.stringContaining("of the 9 data sets")]]);
  });

  test("a model of the hub that is not there is marked where it is named, with the offer to pull it", async () => {
    const folder = temporaryFolder();
    writeMiniature(join(folder, "data"), "dtd");
    const file = join(folder, "e.experiment.json");
    const findings = async (content: object) => {
      const settings = { name: "e", protocol: "few-shot", datasets: ["dtd"], root: "data" };
      writeFileSync(file, JSON.stringify({ ...settings, ...content }));
      const args = ["experiment", "check", file, "--json"];
      return JSON.parse((await runCommand(registerExperiment, args)).stdout) as unknown;
    };
    const missing = (setting: string, model: string) => ({
      ...{ setting, state: "failed", fixes: [{ kind: "pull", model }] },
      message: expect.stringMatching(`^${model}: is no folder and not in the`) as string,
    });
    vi.stubEnv("HF_HUB_CACHE", join(folder, "cache"));
    try {
      const config = { model: "nobody/one" };
      const set = { name: "a", set: { model: "nobody/two" } };
      const sweep = { name: "b", sweep: { model: ["nobody/three", "nobody/four"] } };
      expect(await findings({ config, methods: ["lora", set, sweep] })).toEqual([
        missing("config.model", "nobody/one"),
        missing("methods.1.set.model", "nobody/two"),
        missing("methods.2.sweep.model.0", "nobody/three"),
        missing("methods.2.sweep.model.1", "nobody/four"),
      ]);
      // The default is named nowhere.
      expect(await findings({ shots: [1] })).toEqual([missing("", "openai/clip-vit-base-patch16")]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("glad experiment check prints lines, or places as JSON", async () => {
    const folder = temporaryFolder({
      "e.experiment.json":
        '{\n  "name": "e", // one\n  "protocol": "few-shot",\n  "datasets": ["dtd"],\n  "root": "data",\n  "config": { "model": "./clip" }\n}',
    });
    writeMiniature(join(folder, "data"), "dtd");
    const file = join(folder, "e.experiment.json");
    const check = (...args: string[]) =>
      runCommand(registerExperiment, ["experiment", "check", file, ...args]);
    const { stdout, exitCode } = await check();
    expect(stdout).toContain(`${file}, line 6: ${join(folder, "clip")}: there is no such model`);
    expect(exitCode).toBe(1);
    expect(JSON.parse((await check("--json")).stdout)).toMatchObject([
      { setting: "config.model", state: "failed", fixes: [] },
    ]);
    mkdirSync(join(folder, "clip"));
    // What models and data hold: an empty folder, and a class with fewer images than the most shots.
    const within = await check();
    expect(within.stdout).toContain(`${file}, line 6: ${join(folder, "clip")}: holds no config`);
    expect(within.stdout).toContain(
      `${file}, line 4: LoRA on dtd: shots is left out, which takes 1, 2, 4, 8, 16: class "waffled" has only 3 of the 16 training images asked for; set it to a list of numbers of at most 3, e.g. [1, 2]`,
    );
    expect(within.stdout).toMatch(/\n2 problems\n$/);
    await writeTinyClip(join(folder, "clip"));
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace('"datasets"', '"shots": [1, 3], "datasets"'));
    expect(await check()).toMatchObject({ stdout: `${file}: nothing is wrong\n`, exitCode: 0 });
  });
});
