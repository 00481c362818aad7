import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runPaths } from "../../protocol/runFolder";
import { createEmitter, type Disposable } from "../emitter";
import { throttled } from "../throttle";
import { watchFolders } from "./folderWatch";
import { type HostRun, isLive, openRun, type ReadRun } from "./hostRun";

/** Milliseconds between two looks at all runs, whatever the watchers say. */
const pollInterval = 1000;
/** So many new folders are looked into at once; of hundreds the host would hear nothing else for long. */
const lookedInto = 50;
/** Only every so many looks does a run without a trainer get one. */
const restInterval = 5;
/**
 * The first of a watcher's hints is followed at once, later ones not before so many milliseconds have passed: each costs a
 * reading and what follows from it. Whoever looks at a run's curves shall see a step within 200; views and the status bar are
 * drawn once a second.
 */
const hintInterval = { followed: 150, other: 500 };

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
  /** Takes note of what this window does to end a run; null when it is done with that. */
  noteStopping(id: string, words: string | null): void;
  /** Looks at all runs now. */
  refresh(): Promise<void>;
  /** Looks at one run now. */
  look(id: string): Promise<void>;
  /** Settles once the runs of the first folders are known by name, which takes a moment. */
  readonly listed: Promise<void>;
  /** Settles once each of them was read. */
  readonly ready: Promise<void>;
}

/** Opens a store. Nothing is read before `setFolders`. */
export function openRunStore(interval = pollInterval): RunStore {
  const known = new Map<string, ReadRun>();
  const followers = new Map<string, number>();
  const hints = new Map<string, { ask: () => void } & Disposable>();
  const busy = new Map<string, Promise<void>>();
  const changes = createEmitter<HostRun>();
  let folders: readonly string[] = [];
  let sorted: readonly ReadRun[] = [];
  let looks = 0;
  /** Looks are numbered: the last that began, and the last whose list counts. */
  let [begun, seen] = [0, 0];
  let timer: NodeJS.Timeout | null = null;
  let disposed = false;
  const listed = createSignal();
  const ready = createSignal();

  const watch = watchFolders((folder, name) => {
    // Of a run's own files the events tell everything at once; a heartbeat a second tells nothing.
    if (known.has(folder) && name !== null && name !== "events.jsonl") return;
    let hint = hints.get(folder);
    if (!hint) {
      const interval = (): number => hintInterval[followers.has(folder) ? "followed" : "other"];
      hint = throttled(interval, () => {
        const run = known.get(folder);
        void (run ? read(run, true) : look(false)).catch(() => undefined);
      });
      hints.set(folder, hint);
    }
    hint.ask();
  });

  /** One reading of a run at a time; a second wish waits for the first and reads again. */
  const read = (run: ReadRun, eventsAlone = false): Promise<void> => {
    const next = (busy.get(run.id) ?? Promise.resolve()).then(async () => {
      if (disposed || known.get(run.id) !== run) return;
      // State and step of a run are there at once, its events may take a second.
      if (!run.status && (await run.refresh(false))) changes.fire(run);
      const events = needsFollowing(run) || needsEvents(run);
      if (await (eventsAlone ? run.readEvents() : run.refresh(events))) changes.fire(run);
    });
    const settled = next.catch(() => undefined);
    busy.set(run.id, settled);
    return next;
  };

  const needsFollowing = (run: HostRun): boolean => isLive(run) || followers.has(run.id);

  /** Takes note of the runs that are there now; gives those that were not before. */
  const list = (there: ReadonlySet<string>): string[] => {
    const gone = [...known.values()].filter(({ id }) => !there.has(id));
    for (const run of gone) {
      const { id } = run;
      run.dispose();
      known.delete(id);
      busy.delete(id);
      hints.get(id)?.dispose();
      hints.delete(id);
    }
    const added = [...there].filter((id) => !known.has(id));
    added.forEach((id) => known.set(id, openRun(id)));
    if (gone.length > 0 || added.length > 0)
      sorted = [...known.values()].sort((a, b) => (a.name < b.name ? 1 : -1));
    listed.give();
    gone.forEach((run) => changes.fire(run));
    return added;
  };

  const look = async (all: boolean): Promise<void> => {
    const turn = ++begun;
    const found = await Promise.all(folders.map((folder) => runFoldersIn(folder, known)));
    if (disposed) return;
    // Looks overlap: what one saw that began before another was done with is out of date.
    const isNewest = turn > seen;
    seen = Math.max(seen, turn);
    const added = new Set(isNewest ? list(new Set(found.flatMap((runs) => runs ?? []))) : []);
    const due = sorted.filter((run) => all || needsFollowing(run) || added.has(run.id));
    // To take note of hundreds of runs and to load what reads the first takes milliseconds each: others have their turn between.
    await sleep(0);
    // One after the other: hundreds of runs at once would keep the host from everything else. Those that somebody looks at
    // come first; one that cannot be read does not keep the others from it.
    const first = due.filter((run) => followers.has(run.id));
    for (const run of new Set([...first, ...due])) await read(run).catch(() => undefined);
    watchNow(folders.filter((_, i) => found[i] !== null));
    ready.give();
  };

  /** Watches the folders of runs and the live or followed runs themselves. Where that fails, the poll is enough. */
  const watchNow = (present: readonly string[]): void => {
    if (disposed) return;
    watch.set([...present, ...sorted.filter(needsFollowing).map(({ id }) => id)]);
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
        ready: run ? read(run).then(() => watchNow(folders)) : Promise.resolve(),
        dispose() {
          const left = followers.get(id)! - 1;
          if (left > 0) followers.set(id, left);
          else followers.delete(id);
        },
      };
    },
    noteStopping(id, words) {
      const run = known.get(id);
      if (!run) return;
      run.stopping = words;
      changes.fire(run);
    },
    refresh: () => look(true),
    async look(id) {
      const run = known.get(id);
      if (run) await read(run);
    },
    listed: listed.given,
    ready: ready.given,
    dispose() {
      disposed = true;
      if (timer) clearTimeout(timer);
      for (const hint of hints.values()) hint.dispose();
      for (const run of known.values()) run.dispose();
      watch.dispose();
    },
  };
}

function createSignal(): { given: Promise<void>; give: () => void } {
  let give = (): void => undefined;
  const given = new Promise<void>((settle) => (give = settle));
  return { given, give };
}

/** A run that ended without a result tells its accuracies by its events alone. They are read once. */
function needsEvents(run: HostRun): boolean {
  return !run.loaded && run.best === null && run.status !== null && run.state !== "created";
}

/**
 * The runs in a folder, or null where there is no such folder; throws where it cannot be read just now. Only those that are
 * not `known` are looked into.
 */
async function runFoldersIn(
  folder: string,
  known: ReadonlyMap<string, unknown>,
): Promise<string[] | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  });
  if (!entries) return null;
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const runsAmong = async (few: typeof names): Promise<string[]> => {
    const found = few.map(async ({ name }) => {
      const run = join(folder, name);
      if (known.has(run)) return [run];
      const whole = await stat(runPaths(run).config).catch(() => null);
      return whole ? [run] : [];
    });
    return (await Promise.all(found)).flat();
  };
  const runs: string[] = [];
  for (let i = 0; i < names.length; i += lookedInto)
    runs.push(...(await runsAmong(names.slice(i, i + lookedInto))));
  return runs;
}
