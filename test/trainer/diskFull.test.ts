import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import { checkpointSteps, runPaths, type RunPaths } from "../../src/protocol/runFolder";
import { readStatus, runState } from "../../src/protocol/status";
import { createRun } from "../../src/train/createRun";
import { writeAtomically } from "../../src/util/writeAtomically";
import { glad } from "../support/glad";
import { fill, setReadOnly, smallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyConfig, tinyRun } from "../support/tinyRun";

const last = "step-000012";
const adapter = ({ checkpoints }: RunPaths): Buffer =>
  readFileSync(join(checkpoints, last, "adapter_model.safetensors"));

/** Every checkpoint of these runs, so that many writes can fail. */
const change = { checkpoints: { every: 1, keepLast: 12 } };

/** The files of all checkpoints, each of which must be whole. */
function checkpointFiles({ checkpoints }: RunPaths): string[] {
  const names = readdirSync(checkpoints);
  for (const name of names)
    expect(readdirSync(join(checkpoints, name)).sort(), name).toEqual([
      "adapter_config.json",
      "adapter_model.safetensors",
      "optimizer.safetensors",
      "state.json",
    ]);
  return names;
}

test("on a disk that gets full nothing is half-written, the reason is told, and the run can be resumed", async () => {
  // Model and images lie elsewhere; a checkpoint of this run takes some 50 KiB.
  const disk = smallDisk(400, "training on a disk that gets full");
  if (disk === null) return;
  const folder = temporaryFolder();
  const whole = await tinyRun(folder, change);
  expect((await startTrainer(whole.paths.folder).ended).code).toBe(0);
  const { paths } = await createRun(tinyConfig(folder, { ...change, output: disk }));
  const first = await startTrainer(paths.folder).ended;
  expect(first.code).toBe(1);
  expect(first.output).toMatch(
    /: cannot be written \(ENOSPC.*\): the disk is full; free some space/,
  );
  expect(first.output).not.toMatch(/^ +at /m);
  const status = readStatus(paths)!;
  expect(runState(status)).toBe("failed");
  expect(status.reason).toMatch(/the disk is full/);
  const steps = checkpointSteps(paths);
  expect(steps.length).toBeGreaterThan(0);
  expect(checkpointFiles(paths).length).toBe(steps.length);
  expect(readFileSync(paths.events, "utf8").endsWith("\n")).toBe(true);

  // A run is a folder: where there is room for it, it goes on.
  const moved = runPaths(join(folder, "moved"));
  cpSync(paths.folder, moved.folder, { recursive: true });
  const second = await startTrainer(moved.folder).ended;
  expect(second.output).toBe("");
  expect(second.code).toBe(0);
  const started = readEvents(moved.events).findLast((event) => event.type === "started");
  expect(started).toMatchObject({ resumed: true, step: steps.at(-1) });
  expect(checkpointFiles(moved).length).toBe(12);
  expect(adapter(moved)).toEqual(adapter(whole.paths));
});

test("a disk that is full from the start, or read-only, is told in one sentence", async () => {
  const disk = smallDisk(600, "training on a full and on a read-only disk");
  if (disk === null) return;
  const folder = temporaryFolder();
  const whole = await tinyRun(folder);
  expect((await startTrainer(whole.paths.folder).ended).code).toBe(0);
  const { paths } = await createRun(tinyConfig(folder, { output: disk }));
  const filling = fill(disk);
  const full = await startTrainer(paths.folder).ended;
  expect(full.code).toBe(1);
  expect(full.output).toMatch(
    /^.*: cannot be written \(ENOSPC.*the disk is full; free some space and try again\n$/,
  );
  // The trainer's log lies there, too, so the command has to find out by itself.
  const followed = await glad(folder, "resume", paths.folder);
  expect(followed.code).toBe(1);
  expect(followed.stderr).toMatch(
    /^.*: cannot be written.*: the disk is full; free some space.*\n$/,
  );
  rmSync(filling);
  setReadOnly(disk, true);
  await expect(writeAtomically(join(disk, "new/file"), () => Promise.resolve())).rejects.toThrow(
    `${disk}/new/file: cannot be written (EROFS: read-only file system, mkdir '${disk}/new'): the disk is read-only; choose another folder`,
  );
  const readOnly = await startTrainer(paths.folder).ended;
  expect(readOnly.code).toBe(1);
  expect(readOnly.output).toMatch(
    /^.*: cannot be written \(EROFS.*the disk is read-only; choose another folder\n$/,
  );
  await expect(createRun(tinyConfig(folder, { output: disk }))).rejects.toThrow(
    /no run folder can be made there \(EROFS/,
  );
  await expect(createRun(tinyConfig(folder, { output: join(disk, "a/b") }))).rejects.toThrow(
    /no run folder can be made there \(EROFS/,
  );
  setReadOnly(disk, false);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(adapter(paths)).toEqual(adapter(whole.paths));
  expect(readEvents(paths.events).at(-1)).toMatchObject({ type: "finished" });
});

test("no run folder is left where the disk has no room for it", async () => {
  const disk = smallDisk(64, "making a run on a full disk");
  if (disk === null) return;
  const folder = temporaryFolder();
  await tinyRun(folder);
  fill(disk);
  await expect(createRun(tinyConfig(folder, { output: disk }))).rejects.toThrow(/ENOSPC/);
  const runs = join(disk, "runs");
  expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
});
