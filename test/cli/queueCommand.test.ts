import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registerQueue } from "../../src/cli/queueCommand";
import { queuePaths } from "../../src/executors/queueStore";
import { queueHolder } from "../../src/executors/runQueue";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { createRun } from "../../src/train/createRun";
import { runCommand } from "../support/runCommand";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyConfig, tinyRun } from "../support/tinyRun";
import { until } from "../support/until";

let folder: string;
const glad = (...args: string[]) => runCommand(registerQueue, ["queue", ...args]);
const idle = () =>
  until(() => queueHolder(queuePaths(join(folder, ".glad/queue"))) === null, "the queue's end");

beforeEach(() => {
  folder = temporaryFolder();
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  // The slots of this machine lie in the system's temporary folder; those of other tests are none of ours.
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("runs are handed in, stopped with the queue, taken back and gone on with", async () => {
  expect((await glad("status")).stdout).toMatch(/^The queue is empty/);
  const change = { training: { steps: 150, batchSize: 6 } };
  const first = (await tinyRun(folder, { name: "first", ...change })).paths.folder;
  const second = (await createRun(tinyConfig(folder, { name: "second", ...change }))).paths.folder;
  expect((await glad("add", first, second, "--parallel", "1")).stdout).toBe("2 runs handed in.\n");
  expect((await glad("add", first)).stdout).toBe(
    "0 runs handed in; 1 left out, in the queue already or finished.\n",
  );
  await until(() => (readStatus(runPaths(first))?.step ?? 0) > 0, "a step");
  expect((await glad("status")).stdout).toMatch(/-first +running .*\n.*-second +waiting/);
  expect((await glad("stop")).stdout).toMatch(/^The queue stops/);
  await idle();
  expect((await glad("status")).stdout).toMatch(/-first +waiting .*[^]*The queue is stopped/);
  expect((await glad("remove", second)).stdout).toMatch(/-second +stopped .*was taken back/);
  await glad("start");
  await idle();
  const { standings } = JSON.parse((await glad("status", "--json")).stdout) as {
    standings: { state: string }[];
  };
  expect(standings.map(({ state }) => state)).toEqual(["finished", "stopped"]);
}, 60_000);

test("a number of runs at once that is none is refused", async () => {
  await expect(glad("add", "latest", "--parallel", "0")).rejects.toThrow(
    /whole number of 1 or more/,
  );
});
