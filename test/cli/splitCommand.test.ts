import { describe, expect, it } from "vitest";
import { chooseSplit, registerSplit, splitJson } from "../../src/cli/splitCommand";
import { sha256 } from "../../src/data/splitFile";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";
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
