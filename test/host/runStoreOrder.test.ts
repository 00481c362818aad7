import { renameSync } from "node:fs";
import type * as files from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openRunStore } from "../../src/host/runs/runStore";
import { runsFolder } from "../../src/protocol/runFolder";
import { writeRunEvents } from "../support/hostEvents";
import { temporaryFolder } from "../support/temporaryFolder";

/** Holds the next listing of a folder back until the gate opens: a slow disk, or a network's. */
const slow = vi.hoisted(() => ({ gate: null as Promise<void> | null }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof files>();
  const readdir = async (...args: Parameters<typeof real.readdir>) => {
    const { gate } = slow;
    slow.gate = null;
    const entries = await real.readdir(...args);
    if (gate) await gate;
    return entries;
  };
  return { ...real, readdir };
});

test("a look that began before a run was renamed does not bring its old name back", async () => {
  const output = join(temporaryFolder(), ".glad");
  const { folder } = writeRunEvents(output, 3);
  // It never polls by itself here.
  const store = openRunStore(1_000_000);
  store.setFolders([runsFolder(output)]);
  await store.ready;
  let open = (): void => undefined;
  slow.gate = new Promise<void>((settle) => (open = settle));
  const early = store.refresh();
  renameSync(folder, `${folder}-other`);
  await store.refresh();
  expect(store.runs.map(({ id }) => id)).toEqual([`${folder}-other`]);
  open();
  await early;
  expect(store.runs.map(({ id }) => id)).toEqual([`${folder}-other`]);
  store.dispose();
});
