import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Best, bestOf } from "../../protocol/best";
import { isLiving } from "../../protocol/living";
import { emptyRecord, pushEvent, resetRecord, type RunRecord } from "../../protocol/runRecord";
import { isDeleted, type RunPaths, runPaths } from "../../protocol/runFolder";
import type { RunState, Status } from "../../protocol/status";
import type { Disposable } from "../emitter";
import { createPulse } from "./pulse";
import { eventOfLine, tailLines } from "./tail";

/** A checkpoint as it lies in the run folder. */
export interface CheckpointInfo {
  step: number;
  folder: string;
  /** Bytes of all its files. */
  size: number;
}

/** What the host knows of one run; all of it was read from the run's folder. */
export interface HostRun {
  /** The run's folder, which names it. */
  readonly id: string;
  readonly name: string;
  readonly paths: RunPaths;
  status: Status | null;
  state: RunState;
  /** For how many seconds its trainer, whose process is there, has not answered; null where it does or is gone. */
  silent: number | null;
  /** Whether it was asked to end and has not yet. */
  asked: boolean;
  /** What this window does to end it and what comes next, in words; null where it does nothing. */
  stopping: string | null;
  record: RunRecord;
  /** Whether all recorded events are in the record; otherwise it may lag behind. */
  loaded: boolean;
  /** From result.json or the record. */
  best: Best | null;
  checkpoints: CheckpointInfo[];
}

/** A run that is read from its folder again and again. */
export interface ReadRun extends HostRun, Disposable {
  /** Reads what is new. With `events` the record follows the run. True where anything that is shown changed. */
  refresh(events: boolean): Promise<boolean>;
  /** Reads new events alone, many times a second while a run goes on. True where there were any. */
  readEvents(): Promise<boolean>;
}

/** Opens a run folder; nothing is read before `refresh`. */
export function openRun(folder: string): ReadRun {
  const paths = runPaths(folder);
  const record = emptyRecord();
  const pulse = createPulse(paths);
  const onLine = (line: string): void => {
    const event = eventOfLine(line);
    if (event) pushEvent(record, event);
  };
  const onReset = (): void => resetRecord(record);
  const tail = tailLines(paths.events, onLine, { onReset });
  let shown = "";
  const run: ReadRun = {
    id: folder,
    name: basename(folder),
    paths,
    status: null,
    state: "created",
    silent: null,
    asked: false,
    stopping: null,
    record,
    loaded: false,
    best: null,
    checkpoints: [],
    async readEvents() {
      const { revision } = record;
      if (!(await tail.readOn())) return false;
      // More than steps: a checkpoint, an evaluation, another state.
      if (record.revision !== revision) await run.refresh(true);
      return true;
    },
    async refresh(events) {
      const { readStatus } = await import("../../protocol/status");
      const status = readStatus(paths);
      // A folder that is being deleted says nothing more.
      if (!status && run.status && isDeleted(paths)) return false;
      const { state, silent } = status
        ? await pulse.stateOf(status)
        : { state: await stateWithoutStatus(paths), silent: null };
      const grown = events && (await tail.read());
      if (!events || !isLiving(state)) await tail.rest();
      const loaded = run.loaded || events;
      const [names, result] = await Promise.all([namesIn(paths.checkpoints), mtime(paths.result)]);
      const asked = isLiving(state) && (await mtime(join(paths.control, "stop"))) > 0;
      const { step, reason, nonce } = status ?? {};
      const seen = [state, silent, asked, step, reason, nonce, names, result, loaded];
      const now = JSON.stringify(seen);
      if (now === shown && !grown) return false;
      shown = now;
      const checkpoints = await checkpointsOf(paths, names, run.checkpoints);
      const measured = loaded ? bestOf(record.evaluations) : null;
      const best = measured ?? (await bestOfResult(paths, state, step ?? 0));
      // All at once, so that nobody sees half of it.
      Object.assign(run, { status, state, silent, asked, loaded, checkpoints, best });
      return true;
    },
    dispose: () => void tail.rest().catch(() => undefined),
  };
  return run;
}

/** A folder that is just being made has no status yet; one that has none for long has lost it. */
async function stateWithoutStatus({ config }: RunPaths): Promise<RunState> {
  return Date.now() - (await mtime(config)) < 10_000 ? "created" : "interrupted";
}

/** Whether a run has a trainer. */
export function isLive({ state }: Pick<HostRun, "state">): boolean {
  return isLiving(state);
}

/** Whether a run's trainer can be asked for something: one that hangs, or that is to end, does nothing of it. */
export function isListening(
  run: Pick<HostRun, "state" | "silent" | "asked" | "stopping">,
): boolean {
  return isLive(run) && run.silent === null && !run.asked && run.stopping === null;
}

/** Whether a run can be measured: by its trainer, or, without one, what it saved. */
export function isMeasurable(run: HostRun): boolean {
  return isLive(run) ? isListening(run) : run.checkpoints.length > 0;
}

/** Whether a run has no trainer and steps left to make. */
export function isResumable({ state }: Pick<HostRun, "state">): boolean {
  return !isLiving(state) && state !== "finished";
}

/**
 * What the trainer found to be the best when it ended; results of before say it of their last step alone. Null where the run has gone on
 * since: the result is of a stop before, and the events alone tell what was measured after it.
 */
async function bestOfResult(
  { result }: RunPaths,
  state: RunState,
  reached: number,
): Promise<Best | null> {
  if (state !== "finished" && state !== "stopped") return null;
  try {
    const { bestMeasured, adapted, step } = JSON.parse(await readFile(result, "utf8")) as {
      bestMeasured?: Best | null;
      adapted: { split: string; accuracy: number }[];
      step: number;
    };
    if (step < reached) return null;
    if (bestMeasured !== undefined) return bestMeasured;
    return bestOf(adapted.map((each) => ({ ...each, step, zeroShot: false })));
  } catch {
    return null;
  }
}

async function checkpointsOf(
  paths: RunPaths,
  names: readonly string[],
  known: readonly CheckpointInfo[],
): Promise<CheckpointInfo[]> {
  const found = names.map(async (name): Promise<CheckpointInfo[]> => {
    const digits = /^step-(\d{6,})$/.exec(name)?.[1];
    if (digits === undefined) return [];
    const step = Number(digits);
    const folder = `${paths.checkpoints}/${name}`;
    const before = known.find((each) => each.step === step);
    return [before ?? { step, folder, size: await sizeOf(folder) }];
  });
  return (await Promise.all(found)).flat().sort((a, b) => b.step - a.step);
}

async function sizeOf(folder: string): Promise<number> {
  const files = await namesIn(folder);
  const sizes = files.map((name) =>
    stat(`${folder}/${name}`)
      .then(({ size }) => size)
      .catch(() => 0),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function mtime(file: string): Promise<number> {
  return stat(file)
    .then(({ mtimeMs }) => mtimeMs)
    .catch(() => 0);
}
