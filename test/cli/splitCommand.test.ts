import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { chooseSplit, registerSplit, splitJson } from "../../src/cli/splitCommand";
import { openData } from "../../src/data/openData";
import { sha256 } from "../../src/data/splitFile";
import { configSchema } from "../../src/protocol/config";
import { writeMiniature } from "../support/miniatures";
import { emptyImages, temporaryFolder, writeFiles } from "../support/temporaryFolder";
import { runCommand } from "../support/runCommand";

const animals = () =>
  temporaryFolder({
    ...emptyImages("sea_horse", 8),
    ...emptyImages("ant", 8),
    ...emptyImages("bee", 8),
  });

describe("glad split", () => {
  it("prints the images of each split as JSON and nothing else", async () => {
    const root = animals();
    const { stdout } = await runCommand(registerSplit, [
      "split",
      "--data",
      root,
      "--shots",
      "2",
      "--json",
    ]);
    const lists = JSON.parse(stdout) as Record<string, unknown[]>;
    expect(Object.keys(lists)).toEqual(["train", "val", "test"]);
    expect(lists.train).toHaveLength(6);
    expect(Object.keys(lists.train![0]!)).toEqual(["path", "label", "name"]);
    expect(lists.train![5]).toMatchObject({ label: 2, name: "sea horse" });
  });

  it("takes a half with labels of its own", () => {
    const options = {
      data: animals(),
      dataset: "folder",
      shots: 2,
      seed: 1,
      order: "coop",
    } as const;
    const { split } = chooseSplit({ ...options, half: "novel" });
    const { train } = JSON.parse(splitJson(split)) as { train: unknown[] };
    expect(train).toHaveLength(2);
    expect(train[0]).toMatchObject({ label: 0, name: "sea horse" });
    const whole = chooseSplit(options).split;
    expect(whole.train.slice(4).map(({ path }) => path)).toEqual(
      split.train.map(({ path }) => path),
    );
  });

  it("sums up with the hash of the JSON", async () => {
    const root = animals();
    const args = ["split", "--data", root, "--shots", "all", "--seed", "7", "--order", "clip-lora"];
    const json = (await runCommand(registerSplit, [...args, "--json"])).stdout;
    const { stdout, stderr } = await runCommand(registerSplit, args);
    expect(stdout).toContain("folder: all images, seed 7, clip-lora order\n");
    expect(stdout).toContain("train    12\n");
    expect(stdout).toContain(sha256(json));
    expect(stderr).toContain("30% of the images are kept for the test");
  });

  it("saves lists that a run can be given, outside of the data", async () => {
    const root = temporaryFolder();
    const folder = writeMiniature(root, "eurosat");
    const where = temporaryFolder();
    const args = ["split", "--data", root, "--dataset", "eurosat", "--order", "clip-lora"];
    const save = (to: string) => runCommand(registerSplit, [...args, "--save", to]);
    const { stderr } = await save(where);
    const train = join(where, "eurosat/shot_16-seed_1-clip-lora_train.jsonl");
    expect(stderr).toContain(`${train}\n${train.replace("train", "val")}\n`);
    const data = { root, dataset: "eurosat", shots: 3, list: train };
    const opened = openData(configSchema.parse({ data }).data, "all", 1);
    const { split } = chooseSplit({
      data: root,
      dataset: "eurosat",
      shots: 16,
      seed: 1,
      order: "clip-lora",
    });
    expect(opened.train).toEqual(split.train);
    expect(opened.val).toEqual(split.val);
    await expect(save(join(folder, "2750/splits"))).rejects.toThrow(/nothing is written/);
  });

  it("needs no --data for a linked data set", async () => {
    const settings = temporaryFolder();
    const root = temporaryFolder();
    writeMiniature(root, "dtd");
    const text = JSON.stringify({ data: { root } });
    writeFiles(settings, { "glad/settings.json": text });
    vi.stubEnv("XDG_CONFIG_HOME", settings);
    const { stdout, stderr } = await runCommand(registerSplit, ["split", "--dataset", "dtd"]);
    vi.unstubAllEnvs();
    expect(stdout).toContain("dtd: 16 shots, seed 1, coop order\n");
    expect(stderr).toContain(`DTD is read from ${root}/dtd (CoOp's layout).\n`);
  });

  it.each([
    [["--shots", "0"], "expected a whole number of 1 or more"],
    [["--shots", "two"], "expected a whole number of 1 or more"],
    [["--seed", "-1"], "expected a whole number of 0 or more"],
    [["--seed", ""], "expected a whole number of 0 or more"],
    [["--order", "dassl"], "Allowed choices are coop, clip-lora"],
    [["--half", "new"], "Allowed choices are base, novel"],
    [["--shots", "5"], 'class "ant" has only 4 of the 5 training images asked for'],
  ])("refuses %j", async (args, message) => {
    await expect(
      runCommand(registerSplit, ["split", "--data", animals(), ...args]),
    ).rejects.toThrow(message);
  });
});
