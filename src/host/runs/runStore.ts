import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { runPaths } from "../../protocol/runFolder";
import { createEmitter, type Disposable } from "../emitter";
import { type HostRun, isLive, openRun, type ReadRun } from "./hostRun";

/** Milliseconds between two looks at all runs, whatever the watchers say. */
const pollInterval = 1000;
/** Only every so many looks does a run without a trainer get one. */
const restInterval = 5;
/** A watcher's hints are gathered for so long (milliseconds). */
const hintDelay = 40;

/** All runs of some folders, kept up to date from their files. */
export interface RunStore extends Disposable {
  /** Newest first. */
  readonly runs: readonly HostRun[];
  get(id: string): HostRun | undefined;
  /** Hears of every run that changed, appeared or vanished (then it is no longer in `runs`). */
  onChange(listener: (run: HostRun) => void): Disposable;
  /** The folders whose sub-folders are runs. */
  setFolders(folders: readonly string[]): void;
  /** Keeps all events of a run in its record until the disposable is disposed; `ready` when they are there. */
  follow(id: string): { ready: Promise<void> } & Disposable;
  /** Looks at all runs now. */
  refresh(): Promise<void>;
}

/** Opens a store. Nothing is read before `setFolders`. */
export function openRunStore(interval = pollInterval): RunStore {
  const known = new Map<string, ReadRun>();
  const followers = new Map<string, number>();
  const watchers = new Map<string, FSWatcher>();
  const hinted = new Map<string, NodeJS.Timeout>();
  const busy = new Map<string, Promise<void>>();
  const changes = createEmitter<HostRun>();
  let folders: readonly string[] = [];
  let sorted: readonly ReadRun[] = [];
  let looks = 0;
  let timer: NodeJS.Timeout | null = null;
  let disposed = false;

  /** One reading of a run at a time; a second wish waits for the first and reads again. */
  const read = (run: ReadRun, eventsAlone = false): Promise<void> => {
    const next = (busy.get(run.id) ?? Promise.resolve()).then(async () => {
      if (disposed || known.get(run.id) !== run) return;
      const events = isLive(run) || followers.has(run.id) || needsEvents(run);
      if (await (eventsAlone ? run.readEvents() : run.refresh(events))) changes.fire(run);
    });
    const settled = next.catch(() => undefined);
    busy.set(run.id, settled);
    return next;
  };

  const hint = (key: string, act: () => void): void => {
    if (hinted.has(key)) return;
    const later = setTimeout(() => {
      hinted.delete(key);
      act();
    }, hintDelay);
    hinted.set(key, later);
  };

  const look = async (all: boolean): Promise<void> => {
    const found = (await Promise.all(folders.map(runFoldersIn))).flat();
    if (disposed) return;
    const there = new Set(found);
    const gone = [...known.values()].filter(({ id }) => !there.has(id));
    for (const { id } of gone) {
      known.delete(id);
      busy.delete(id);
    }
    const added = found.filter((id) => !known.has(id));
    added.forEach((id) => known.set(id, openRun(id)));
    if (gone.length > 0 || added.length > 0)
      sorted = [...known.values()].sort((a, b) => (a.name < b.name ? 1 : -1));
    gone.forEach((run) => changes.fire(run));
    const due = sorted.filter(
      (run) => all || isLive(run) || followers.has(run.id) || added.includes(run.id),
    );
    // One after the other: hundreds of runs at once would keep the host from everything else.
    for (const run of due) await read(run);
    watchNow();
  };

  /** Watches the folders of runs and the live or followed runs themselves. Where that fails, the poll is enough. */
  const watchNow = (): void => {
    const live = sorted.filter((run) => isLive(run) || followers.has(run.id)).map(({ id }) => id);
    const wanted = new Set([...folders, ...live]);
    for (const [folder, watcher] of watchers)
      if (!wanted.has(folder)) {
        watcher.close();
        watchers.delete(folder);
      }
    for (const folder of wanted) {
      if (watchers.has(folder) || disposed) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_, name) => {
          const run = known.get(folder);
          // Of a run's own files the events tell everything at once; a heartbeat a second tells nothing.
          if (run && name !== null && name !== "events.jsonl") return;
          hint(folder, () => void (run ? read(run, true) : look(false)).catch(() => undefined));
        });
        watcher.on("error", () => {
          watcher.close();
          watchers.delete(folder);
        });
        watchers.set(folder, watcher);
      } catch {
        continue;
      }
    }
  };

  const poll = async (): Promise<void> => {
    await look(looks++ % restInterval === 0).catch(() => undefined);
    if (!disposed) timer = setTimeout(() => void poll(), interval);
  };

  return {
    get runs() {
      return sorted;
    },
    get: (id) => known.get(id),
    onChange: (listener) => changes.on(listener),
    setFolders(wanted) {
      folders = [...new Set(wanted)];
      looks = 0;
      if (timer === null) void poll();
      else void look(true).catch(() => undefined);
    },
    follow(id) {
      followers.set(id, (followers.get(id) ?? 0) + 1);
      const run = known.get(id);
      return {
        ready: run ? read(run).then(watchNow) : Promise.resolve(),
        dispose() {
          const left = followers.get(id)! - 1;
          if (left > 0) followers.set(id, left);
          else followers.delete(id);
        },
      };
    },
    refresh: () => look(true),
    dispose() {
      disposed = true;
      if (timer) clearTimeout(timer);
      for (const later of hinted.values()) clearTimeout(later);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** A run that ended without a result tells its accuracies by its events alone. They are read once. */
function needsEvents(run: HostRun): boolean {
  return !run.loaded && run.best === null && run.status !== null && run.state !== "created";
}

async function runFoldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const found = names.map(async ({ name }) => {
    const run = join(folder, name);
    const whole = await stat(runPaths(run).config).catch(() => null);
    return whole ? [run] : [];
  });
  return (await Promise.all(found)).flat();
}
