import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Counts } from "../../experiments/collect";
import { recordFile } from "../../experiments/recordFile";
import type { ExperimentRecord } from "../../protocol/experimentRecord";
import type { ExperimentStatus } from "../../protocol/experimentStatus";
import { runPaths, runsFolder } from "../../protocol/runFolder";
import { messageOf } from "../../util/errors";
import { createEmitter, type Disposable } from "../emitter";
import { type HostRun, isLive } from "../runs/hostRun";
import type { RunStore } from "../runs/runStore";
import { type Entry, newEntry, runsIn, viewOfEntry } from "./experimentEntry";
import { type ExperimentFile, readRecord, timeOf, unlisted } from "./experimentRecords";
import type { HostExperiment } from "./hostExperiment";

/** Milliseconds between two looks at files and records. */
const pollInterval = 2000;
/** After so many looks the program is asked again what an experiment at work waits for. */
const looksPerQuestion = 10;

/** What the store needs of the program, which alone expands experiments and knows executors. */
export interface ExperimentPort {
  status(file: string): Promise<ExperimentStatus>;
  /** Whether it may be asked now: somebody looks, and the workspace is trusted. */
  mayAsk(): boolean;
  /** What the store itself has to say to the user. */
  texts: { fileGone: string; trainerGone: string };
}

/** The experiments of a workspace, kept up to date from their records and their runs. */
export interface ExperimentStore extends Disposable {
  readonly experiments: readonly HostExperiment[];
  /** Whether there is any, which costs less to tell. */
  readonly isEmpty: boolean;
  /** Whether any has runs, or had some. */
  readonly isBegun: boolean;
  get(file: string): HostExperiment | undefined;
  /** Whether `get` gives one with a record, which costs less to tell. */
  hasRecord(file: string): boolean;
  /** Whether a run is one of an experiment's. */
  holds(run: string): boolean;
  /** Hears the file of an experiment at every change, also at a step of one of its runs. */
  onChange(listener: (file: string) => void): Disposable;
  /** Folders whose sub-folders are runs of experiments. */
  runFolders(): readonly string[];
  /** Hears when `runFolders` changed. */
  onFolders(listener: () => void): Disposable;
  /** The files of the workspace, and further folders like theirs that may hold records of experiments. */
  setFiles(files: readonly ExperimentFile[], outputs?: readonly string[]): void;
  /** Asks the program how an experiment stands. What is wrong with it is kept as its problem. */
  ask(file: string): Promise<void>;
  /** Has a finished experiment asked for at the next look, as its images may be others by now. */
  want(file: string): void;
  /** Notes which runs of an experiment hold no longer, as sentences. */
  noteStale(file: string, stale: string): void;
  /** Looks at all files and records now, and asks where that is due. */
  refresh(): Promise<void>;
}

/** An experiment that a run belongs to. */
interface Owner {
  entry: Entry;
  /** Whether the run measures CLIP without adapters. */
  measuring: boolean;
}

/** Opens a store. Nothing is read before `setFiles`. */
export function openExperimentStore(
  runs: RunStore,
  port: ExperimentPort,
  interval = pollInterval,
): ExperimentStore {
  const known = new Map<string, Entry>();
  const owners = new Map<string, Owner[]>();
  /** The counts of runs that have come to their end, with the time of the file that they were read from. */
  const splits = new Map<string, { time: number; counts: Record<string, Counts> | null }>();
  const noticed = new Set<string>();
  const changes = createEmitter<string>();
  const folderChanges = createEmitter<void>();
  let files: readonly ExperimentFile[] = [];
  let outputs: readonly string[] = [];
  let folders = "";
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  let disposed = false;

  const viewOf = (entry: Entry): HostExperiment =>
    (entry.view ??= viewOfEntry(entry, {
      run: (id) => runs.get(id),
      splits: (id) => splits.get(id)?.counts ?? null,
      texts: port.texts,
    }));

  const changed = (entry: Entry): void => {
    entry.view = null;
    if (!disposed && known.get(entry.file) === entry) changes.fire(entry.file);
  };

  const runFolders = (): string[] => {
    const named = files.map(({ output }) => runsFolder(output));
    const recorded = [...known.values()].flatMap(({ record }) => record?.runs ?? []);
    return [...new Set([...named, ...recorded])].sort();
  };

  const index = (): void => {
    owners.clear();
    for (const entry of known.values())
      for (const [id, measuring] of runsIn(entry.record))
        owners.set(id, [...(owners.get(id) ?? []), { entry, measuring }]);
    const now = runFolders().join("\n");
    if (now === folders) return;
    folders = now;
    folderChanges.fire();
  };

  const take = async (entry: Entry, record: ExperimentRecord): Promise<void> => {
    entry.record = record;
    entry.name = record.name;
    index();
    for (const [id, measuring] of runsIn(record)) {
      const run = runs.get(id);
      if (run) await readSplits(run, measuring);
    }
    changed(entry);
  };

  /** Reads the counts of a run, again where they were written anew: it may have been measured on more between two looks. */
  const readSplits = async ({ id }: HostRun, measuring: boolean): Promise<void> => {
    const { result } = runPaths(id);
    const time = await timeOf(result);
    if (splits.get(id)?.time === time) return;
    const text = time === 0 ? "" : await readFile(result, "utf8").catch(() => "");
    const { splitsOf } = await import("../../experiments/collect");
    splits.set(id, { time, counts: splitsOf(text, measuring) });
  };

  /**
   * Has experiments asked for at the next look where only the program knows how they stand: a run went, or may have come back from
   * the trash, or was interrupted, and is begun anew or not.
   */
  const doubt = (run: HostRun): void => {
    const own = owners.has(run.id);
    // One that was just made for another experiment may be a run of these as well.
    const isNew = !own && run.status !== null && !noticed.has(run.id);
    if (run.status !== null) noticed.add(run.id);
    const isThere = runs.get(run.id) !== undefined;
    for (const entry of known.values()) {
      if (entry.record?.runs !== dirname(run.id)) continue;
      const cameBack = entry.lost > 0 && !own && !isLive(run);
      const isOver = own && (!isThere || run.state === "interrupted");
      const lacks = isNew && entry.record.cells.some((cell) => cell.run === null);
      if (cameBack || isOver || lacks) entry.askedOf = 0;
    }
  };

  const heard = runs.onChange((run) => {
    doubt(run);
    const own = owners.get(run.id);
    if (!own) return;
    const tell = (): void => own.forEach(({ entry }) => changed(entry));
    // While a trainer is at work there is nothing new; it writes its result at the end.
    if (isLive(run)) tell();
    else void readSplits(run, own[0]!.measuring).then(tell);
  });

  const ask = async (file: string): Promise<void> => {
    const entry = known.get(file);
    if (!entry) return;
    // Whoever asks has perhaps just handed it in, of which the record tells.
    await look(entry);
    entry.askedAt = Date.now();
    entry.askedOf = entry.fileTime;
    entry.wanted = false;
    try {
      const status = await port.status(file);
      const { experiment, pending, ended, lost, idle, stale, trouble } = status;
      if (stale) entry.stale = stale.join("\n") || null;
      entry.broken = false;
      entry.lost = lost;
      entry.problem = trouble;
      entry.silent = trouble !== null;
      // What it said last holds until it can be asked again.
      if (trouble === null) {
        const held = Object.keys(pending).map(
          (id) => [id, runs.get(id)?.state ?? "created"] as const,
        );
        entry.pending = new Map(held);
        entry.ended = new Map(Object.entries(ended));
        entry.idle = idle;
        entry.answered = true;
      }
      await take(entry, experiment);
    } catch (error) {
      entry.broken = true;
      entry.problem = messageOf(error);
      changed(entry);
    }
  };

  /**
   * Whether the executor may say otherwise by now: it gave no answer, runs were just handed in, or one died that it is to
   * start again.
   */
  const isUnsettled = ({ silent, pending, askedAt, recordSeen }: Entry): boolean =>
    silent ||
    // Whoever writes a record hands in runs a moment later.
    askedAt < recordSeen + looksPerQuestion * interval ||
    [...pending.keys()].some((id) => runs.get(id)?.state === "interrupted");

  const isDue = (entry: Entry): boolean => {
    if (entry.fileTime === 0) return false;
    const { state } = viewOf(entry);
    const { askedAt, askedOf, fileTime, recordTime, recordSeen, pending } = entry;
    if (state === "finished")
      return entry.wanted || (askedOf !== fileTime && recordTime < fileTime);
    // A record that was written, perhaps by somebody else, is that of runs that are handed in.
    if (askedOf !== fileTime || askedAt < recordSeen) return true;
    const isOld = Date.now() - askedAt > looksPerQuestion * interval;
    return isOld && (state === "running" || pending.size > 0 || isUnsettled(entry));
  };

  /** Looks at the record of an entry, and of its file at the time alone. */
  const look = async (entry: Entry): Promise<void> => {
    const before = entry.fileTime;
    entry.fileTime = await timeOf(entry.file);
    if ((before === 0) !== (entry.fileTime === 0)) changed(entry);
    const path = recordFile(runsFolder(entry.output), entry.name);
    const time = await timeOf(path);
    if (time === entry.recordTime) return;
    entry.recordTime = time;
    entry.recordSeen = Date.now();
    // Whoever writes it has made them again.
    entry.stale = null;
    const record = time === 0 ? null : await readRecord(path);
    if (record && record.file === entry.file) await take(entry, record);
  };

  const lookAtAll = async (): Promise<void> => {
    for (const found of await unlisted(files, outputs)) if (!known.has(found.file)) add(found);
    for (const entry of [...known.values()]) {
      if (disposed) return;
      await look(entry);
      if (port.mayAsk() && isDue(entry)) await ask(entry.file);
    }
  };

  const refresh = (): Promise<void> => {
    looking = looking.then(lookAtAll).catch(() => undefined);
    return looking;
  };

  const add = (found: ExperimentFile): void => {
    const entry = newEntry(found);
    known.set(found.file, entry);
    changed(entry);
  };

  const poll = async (): Promise<void> => {
    await refresh();
    if (!disposed) timer = setTimeout(() => void poll(), interval);
  };

  return {
    get experiments() {
      return [...known.values()].sort((a, b) => (a.file < b.file ? -1 : 1)).map(viewOf);
    },
    get isEmpty() {
      return known.size === 0;
    },
    get isBegun() {
      return [...known.values()].some(
        ({ recordTime, record }) =>
          recordTime > 0 || record?.cells.some(({ run }) => run !== null) === true,
      );
    },
    get(file) {
      const entry = known.get(file);
      return entry && viewOf(entry);
    },
    hasRecord: (file) => known.get(file)?.record != null,
    holds: (run) => owners.has(run),
    onChange: (listener) => changes.on(listener),
    runFolders,
    onFolders: (listener) => folderChanges.on(listener),
    setFiles(wanted, further = []) {
      files = wanted;
      outputs = [...new Set([...wanted.map(({ output }) => output), ...further])];
      const there = new Map(wanted.map((each) => [each.file, each]));
      for (const [file, entry] of known) {
        const now = there.get(file);
        if (now?.name === entry.name && now.output === entry.output) continue;
        known.delete(file);
        changes.fire(file);
      }
      for (const each of wanted) if (!known.has(each.file)) add(each);
      index();
      if (timer === null) void poll();
      else void refresh();
    },
    ask,
    want(file) {
      const entry = known.get(file);
      if (!entry) return;
      entry.wanted = true;
      void refresh();
    },
    noteStale(file, stale) {
      const entry = known.get(file);
      if (!entry || entry.stale === (stale || null)) return;
      entry.stale = stale || null;
      changed(entry);
    },
    refresh,
    dispose() {
      disposed = true;
      if (timer) clearTimeout(timer);
      heard.dispose();
    },
  };
}
