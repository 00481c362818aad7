import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { registerExperiment } from "../../src/cli/experimentCommand";
import { queueOf, recordRuns, writeExperiment, writeJob } from "../support/heldRuns";
import { runCommand } from "../support/runCommand";
import { temporaryFolder, writeFiles } from "../support/temporaryFolder";

const stop = (file: string, ...more: string[]) =>
  runCommand(registerExperiment, ["experiment", "stop", file, ...more]);

describe("runs that an experiment was made of before", () => {
  test("stop after its file was edited", async () => {
    const folder = temporaryFolder();
    const file = writeExperiment(folder, "mine");
    const taken = queueOf(await recordRuns(file, ["a", "b"]), ["a", "b", "foreign"]);
    writeExperiment(folder, "mine", { seeds: [2] });
    const { stderr } = await stop(file);
    expect(stderr).toContain("mine stops; ");
    expect(taken()).toEqual(["a", "b"]);
  });

  test.each([
    ["has a mistake", '{ "name": "mine", "protocol": "few-shot", ', /mine\.experiment\.json/],
    ["does not say its name", '{ "config": { "output": "out" }, "name"', /mine\.experiment\.json/],
    ["is gone", null, /mine\.experiment\.json/],
  ])("stop where the file %s", async (_, content, said) => {
    const folder = temporaryFolder();
    const output = content?.includes("out") ? "out" : ".glad";
    const file = writeExperiment(folder, "mine", { config: { output } });
    const taken = queueOf(await recordRuns(file, ["a"]), ["a", "foreign"]);
    await recordRuns(writeExperiment(folder, "other", { config: { output } }), ["foreign"]);
    if (content === null) rmSync(file);
    else writeFileSync(file, content);
    const { stderr, exitCode } = await stop(file);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(said);
    expect(stderr).toContain(
      "\nthe file cannot be read, so the runs that were handed in of it before are stopped\nmine stops; ",
    );
    expect(taken()).toEqual(["a"]);
  });

  test("are not those of another file of its name", async () => {
    const folder = temporaryFolder({ "copy/x": "" });
    const output = join(folder, ".glad");
    const file = writeExperiment(folder, "mine", { config: { output } });
    const taken = queueOf(await recordRuns(file, ["a"]), ["a"]);
    const copy = writeExperiment(join(folder, "copy"), "mine", { config: { output } });
    expect((await stop(copy)).stderr).toContain("so nothing is stopped");
    writeFileSync(copy, "{");
    await expect(stop(copy)).rejects.toThrow(/mine\.experiment\.json/);
    expect(taken()).toEqual([]);
  });
});

describe("where Slurm's commands are not there", () => {
  beforeEach(() => void vi.stubEnv("PATH", "/nowhere"));
  afterEach(() => void vi.unstubAllEnvs());

  test("runs of the queue stop that Slurm was given before", async () => {
    const file = writeExperiment(temporaryFolder(), "mine");
    const record = await recordRuns(file, ["a", "b"]);
    const taken = queueOf(record, ["a"]);
    writeJob(record, ["a", "b"], ["b"]);
    const { exitCode, stderr } = await stop(file);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^mine stops; .*\nnot asked of Slurm, .*: squeue: not found; .*\n$/);
    expect(taken()).toEqual(["a"]);
  });

  test("it is told of runs that Slurm may hold, after what stops", async () => {
    const folder = temporaryFolder();
    const file = writeExperiment(folder, "mine");
    const record = await recordRuns(file, ["a", "b"]);
    const taken = queueOf(record, ["a"]);
    // Another experiment has handed in one of its runs.
    writeJob({ ...record, name: "other" }, ["b"]);
    await expect(stop(file)).rejects.toThrow(/^squeue: not found/);
    expect(taken()).toEqual(["a"]);
  });

  test("a damaged record of Slurm's jobs counts where it is the experiment's own", async () => {
    const folder = temporaryFolder();
    const file = writeExperiment(folder, "mine");
    const record = await recordRuns(file, ["a", "b"]);
    const taken = queueOf(record, ["a"]);
    writeFiles(folder, { ".glad/experiments/other/slurm.json": "{" });
    expect(await stop(file)).toMatchObject({ exitCode: 0 });
    expect(taken()).toEqual(["a"]);
    writeFiles(folder, { ".glad/experiments/mine/slurm.json": "{" });
    await expect(stop(file)).rejects.toThrow(/slurm\.json: does not say which Slurm job/);
  });
});

test("what stops is told as JSON, with whose runs they are besides", async () => {
  const folder = temporaryFolder();
  const file = writeExperiment(folder, "mine");
  queueOf(await recordRuns(file, ["a", "b"]), ["a", "b"]);
  const other = writeExperiment(folder, "other");
  await recordRuns(other, ["b"]);
  const { stdout, stderr } = await stop(file, "--json");
  expect(JSON.parse(stdout)).toEqual({
    stopped: 2,
    shared: [{ name: "other", file: other, runs: 1 }],
  });
  expect(stderr).toBe("");
  expect(JSON.parse((await stop(file, "--json")).stdout)).toEqual({ stopped: 0, shared: [] });
});
