import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { replaceRecord, withdrawReplaced } from "../../src/cli/withdrawRuns";
import { queueOf, recordRuns, writeExperiment, writeJob } from "../support/heldRuns";
import { temporaryFolder } from "../support/temporaryFolder";

afterEach(() => void vi.unstubAllEnvs());

test("runs that an experiment has no more are taken back, unless another one has them", async () => {
  const folder = temporaryFolder();
  const file = writeExperiment(folder, "mine");
  const before = await recordRuns(file, ["a", "b", "c", "d"]);
  const taken = queueOf(before, ["a", "b", "c"]);
  await recordRuns(writeExperiment(folder, "other"), ["b"]);
  const after = await recordRuns(file, ["c", "e"]);
  expect(await withdrawReplaced(before, after)).toEqual([join(before.runs, "a")]);
  expect(taken()).toEqual(["a"]);
  expect(await withdrawReplaced(before, after)).toEqual([]);
  expect(await withdrawReplaced(after, after)).toEqual([]);
  expect(await withdrawReplaced(null, after)).toEqual([]);
});

test("it is told why one that is replaced may still be held", async () => {
  const file = writeExperiment(temporaryFolder(), "mine");
  const before = await recordRuns(file, ["a"]);
  writeJob(before, ["a"]);
  const after = await recordRuns(file, ["b"]);
  vi.stubEnv("PATH", "/nowhere");
  const said: string[] = [];
  expect(await withdrawReplaced(before, after, (line) => said.push(line))).toEqual([]);
  expect(said).toEqual([expect.stringMatching(/^squeue: not found/)]);
});

test("what ends a command while it takes runs back leaves that to the next one", async () => {
  const file = writeExperiment(temporaryFolder(), "mine");
  const before = await recordRuns(file, ["a"]);
  writeJob(before, ["a"]);
  const after = { ...before, cells: before.cells.map((cell) => ({ ...cell, run: "b" })) };
  vi.stubEnv("PATH", "/nowhere");
  const killed = replaceRecord(after, () => {
    throw new Error("killed");
  });
  await expect(killed).rejects.toThrow("killed");
  const said: string[] = [];
  for (const next of [after, after]) await replaceRecord(next, (line) => said.push(line));
  // Once: then the record is the new one.
  expect(said).toEqual([expect.stringMatching(/^squeue: not found/)]);
});
