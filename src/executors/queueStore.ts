import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { LocalSettings } from "../protocol/executor";
import { makeFolderSync } from "../util/makeFolder";

/** One run in the queue: a file of its own, which whoever adds the run makes and the queue's process then writes. */
const entrySchema = z.object({
  run: z.string(),
  /** Runs that were handed in together; groups take turns. */
  group: z.string(),
  parallel: z.union([z.literal("auto"), z.number()]),
  retries: z.number(),
  state: z.enum(["waiting", "running", "done"]),
  /** Starts so far that did not end because somebody asked for it. */
  attempts: z.number(),
  /** ISO 8601, of the last start. */
  started: z.string().nullable(),
  /** The nonce of the run's status before the last start: a status with another one was written by that start. */
  nonceBefore: z.string().nullable(),
  trainer: z.object({ pid: z.number(), processStart: z.string().nullable() }).nullable(),
  /** The slot's file and the nonce that it was taken with. */
  slot: z.object({ file: z.string(), nonce: z.string() }).nullable(),
  /** The queue itself asked the trainer to stop, so the run waits for the queue's next start. */
  held: z.boolean(),
  /** How the run ended where its folder does not say so. */
  outcome: z
    .object({ state: z.enum(["failed", "stopped", "interrupted"]), reason: z.string() })
    .nullable(),
});

export type Entry = z.output<typeof entrySchema> & {
  /** Name of its file; names sort in the order in which runs were handed in. */
  name: string;
  /** Whether somebody took the run back. */
  cancelled: boolean;
};

/** Where the parts of a queue's folder lie. */
export interface QueuePaths {
  folder: string;
  entries: string;
  lock: string;
  /** Exists from `glad queue stop` on until the queue is started again. */
  stop: string;
  log: string;
}

export function queuePaths(folder: string): QueuePaths {
  return {
    folder,
    entries: join(folder, "entries"),
    lock: join(folder, "lock"),
    stop: join(folder, "stop"),
    log: join(folder, "log.txt"),
  };
}

/** The queue of a configuration's `output`. */
export function queueFolder(output: string): string {
  return join(output, "queue");
}

/** All runs of the queue in the order in which they were handed in. */
export function readEntries(paths: QueuePaths): Entry[] {
  if (!existsSync(paths.entries)) return [];
  const names = readdirSync(paths.entries).sort();
  const cancelled = new Set(names.filter((name) => name.endsWith(".cancel")));
  return names
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      try {
        const json: unknown = JSON.parse(readFileSync(join(paths.entries, name), "utf8"));
        return [{ ...entrySchema.parse(json), name, cancelled: cancelled.has(`${name}.cancel`) }];
      } catch {
        // Removed since the folder was listed, or written by another version.
        return [];
      }
    });
}

/**
 * Hands runs in as one group; their entries of before are replaced where they are done. One that was taken back while it
 * runs stays until its trainer is gone, and only then the run's turn comes.
 */
export function addEntries(
  paths: QueuePaths,
  runs: readonly string[],
  settings: LocalSettings,
): void {
  const before = readEntries(paths);
  const group = `${Date.now()}-${randomBytes(3).toString("hex")}`;
  runs.forEach((run, i) => {
    const folder = resolve(run);
    for (const entry of before)
      if (entry.run === folder && entry.state === "done") removeEntry(paths, entry);
    writeEntry(paths, {
      name: `${group}-${String(i).padStart(5, "0")}.json`,
      cancelled: false,
      run: folder,
      group,
      parallel: settings.parallel,
      retries: settings.retries,
      state: "waiting",
      attempts: 0,
      started: null,
      nonceBefore: null,
      trainer: null,
      slot: null,
      held: false,
      outcome: null,
    });
  });
}

/** Writes an entry so that readers see the whole of it or what was before. */
export function writeEntry(paths: QueuePaths, entry: Entry): void {
  const { name, cancelled: _cancelled, ...content } = entry;
  makeFolderSync(paths.entries);
  const temporary = join(paths.entries, `${name}.${process.pid}.tmp`);
  writeFileSync(temporary, JSON.stringify(content));
  renameSync(temporary, join(paths.entries, name));
}

/** Marks a run as taken back; the entry itself is written by the queue's process alone. */
export function cancelEntry(paths: QueuePaths, { name }: Entry): void {
  writeFileSync(join(paths.entries, `${name}.cancel`), "");
}

/** Forgets runs that were done with more than a week after they were handed in, and those whose folder is gone. */
export function forgetOld(paths: QueuePaths): void {
  const week = 7 * 24 * 3600 * 1000;
  for (const entry of readEntries(paths)) {
    const old = Date.now() - Number(entry.group.split("-")[0]) > week;
    if (entry.state === "done" && (old || !existsSync(entry.run))) removeEntry(paths, entry);
  }
}

function removeEntry(paths: QueuePaths, { name }: Entry): void {
  rmSync(join(paths.entries, name), { force: true });
  rmSync(join(paths.entries, `${name}.cancel`), { force: true });
}
