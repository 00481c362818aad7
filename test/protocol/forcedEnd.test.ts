import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unawaited, noteForcedEnd, unheeded } from "../../src/protocol/forcedEnd";
import { type RunPaths, runPaths } from "../../src/protocol/runFolder";
import { readStatus, type Status } from "../../src/protocol/status";
import { temporaryFolder } from "../support/temporaryFolder";

const running: Status = {
  ...{ state: "running", pid: 7, processStart: "1", host: "here", nonce: "a" },
  ...{ heartbeat: "2026-01-01T00:00:00.000Z", step: 7, steps: 10, device: "cpu", reason: null },
};

/** A run folder with a status, and with checkpoints of some steps. */
function runWith(status: Partial<Status>, steps: number[] = []): RunPaths {
  const files = steps.map((step) => [`checkpoints/step-00000${step}/state.json`, ""]);
  const paths = runPaths(temporaryFolder(Object.fromEntries(files) as Record<string, string>));
  writeFileSync(paths.status, JSON.stringify({ ...running, ...status }));
  return paths;
}

test.each([
  [[3, 8], unheeded, /was ended by force; the checkpoint of step 8 is kept, and resuming goes on/],
  [[], unawaited, /was ended at once; there is no checkpoint yet, so resuming begins anew$/],
])("the folder of a run with checkpoints %j says how it was ended", (steps, why, reason) => {
  const paths = runWith({}, steps);
  noteForcedEnd(paths, running, why);
  expect(readStatus(paths)).toEqual({
    ...running,
    state: "stopped",
    step: Math.max(7, ...steps),
    forced: true,
    reason: expect.stringMatching(reason) as string,
  });
});

test.each(["finished", "stopped", "failed"] as const)(
  "a trainer's own word, %s, stays",
  (state) => {
    const paths = runWith({ state, reason: "its own" });
    noteForcedEnd(paths, running, unheeded);
    expect(readStatus(paths)).toMatchObject({ state, reason: "its own" });
  },
);

test("of a run that another trainer has by now nothing is said", () => {
  const later = runWith({ nonce: "b" });
  noteForcedEnd(later, running, unheeded);
  // One takes the lock before it writes a status.
  const begun = runWith({});
  writeFileSync(begun.lock, JSON.stringify({ ...running, nonce: "b" }));
  const before = readFileSync(begun.status, "utf8");
  noteForcedEnd(begun, running, unheeded);
  expect(readStatus(later)?.state).toBe("running");
  expect(readFileSync(begun.status, "utf8")).toBe(before);
});
