import type { OpenedData } from "../data/openData";
import type { ReadData } from "../data/readData";
import { skipUnreadable } from "../data/skipUnreadable";
import { frozenSplit, replaceSplit, splitText } from "../data/splitFile";
import { type ResolvedTarget, withTargets } from "../data/targets";
import { readCompleteResult } from "../protocol/completeResult";
import type { Config } from "../protocol/config";
import { type FrozenConfig, readFrozen } from "../protocol/frozen";
import { isLiving } from "../protocol/living";
import type { RunPaths } from "../protocol/runFolder";
import { targetSplit } from "../protocol/splits";
import { readStatus, runState, type Status } from "../protocol/status";
import { UserError } from "../util/errors";
import { thisProcess } from "../util/thisProcess";
import { writeJsonAtomically } from "../util/writeAtomically";
import { resolveConfig } from "./createRun";
import { measuredSplits } from "./measuredSplits";
import { lockRun } from "./runLock";

/** What became of a wish to measure a run on more data sets. */
export interface MeasuredAlso {
  /** The data sets that the run is not measured on as yet, by name. */
  names: string[];
  /** Whether a trainer is at work, so that nothing was changed. */
  busy: boolean;
  /** What the user should know of the data: sentences. */
  notes: string[];
}

/**
 * Has a run measured on the targets of a configuration that it was not measured on: they are frozen into it beside its own, and one
 * that has come to its end is to be resumed, which makes no step. Its result holds meanwhile, and whatever becomes of this.
 * Changes the run's configuration, its split and its status, as the holder of its lock.
 */
export async function measureAlso(
  paths: RunPaths,
  wanted: Config,
  read: ReadData,
): Promise<MeasuredAlso> {
  const nothing = { names: [], busy: false, notes: [] };
  if (wanted.evaluation.targets.length === 0) return nothing;
  const { targets } = resolveConfig(wanted).evaluation;
  const before = lookAt(paths, targets);
  if (!before || before.unmeasured.length === 0) return nothing;
  const names = before.unmeasured.map(({ name }) => name);
  const busy = { names, busy: true, notes: [] };
  if (before.isLive) return busy;
  // Listing and opening images takes its time; the lock is held for a moment.
  const added = await openTargets(before, targets, read);
  const release = takeLock(paths);
  if (release === null) return busy;
  try {
    const now = lookAt(paths, targets);
    if (!now || now.isLive || now.frozen.run.splitHash !== before.frozen.run.splitHash) return busy;
    await freeze(paths, before, added);
    if (now.status.state === "finished") {
      const reason = `is to be measured on ${names.join(", ")} as well`;
      await writeJsonAtomically(paths.status, { ...now.status, state: "stopped", reason });
    }
  } finally {
    release();
  }
  return { names, busy: false, notes: added.notes };
}

/** How a run stands to targets. */
interface Look {
  status: Status;
  isLive: boolean;
  frozen: FrozenConfig;
  /** Those that it is to be measured on: has not been, or will not be as it is. */
  unmeasured: ResolvedTarget[];
  /** Its own that stay as they are. */
  kept: Config["evaluation"]["targets"];
}

function lookAt(paths: RunPaths, targets: readonly ResolvedTarget[]): Look | null {
  const status = readStatus(paths);
  if (!status) return null;
  const frozen = readFrozen(paths);
  const own = frozen.evaluation.targets;
  const state = runState(status);
  const measured = measuredSplits(readCompleteResult(paths.result), frozen);
  const isMeasured = (name: string | null): boolean => measured?.has(targetSplit(name!)) === true;
  // What is frozen into a run that goes on to its end will be measured there.
  const willBe = measured === null && state !== "failed";
  const unmeasured = targets.filter(
    ({ name }) => !isMeasured(name) && !(willBe && own.some((target) => target.name === name)),
  );
  const renewed = new Set<string | null>(unmeasured.map(({ name }) => name));
  return {
    status,
    isLive: isLiving(state),
    frozen,
    unmeasured,
    // What it failed by, and nobody wants now, must not make it fail again.
    kept: own.filter(({ name }) => !renewed.has(name) && (state !== "failed" || isMeasured(name))),
  };
}

/** The test images of targets, without those that cannot be decoded where the run leaves them out. */
async function openTargets(
  { frozen, unmeasured }: Look,
  targets: readonly ResolvedTarget[],
  read: ReadData,
): Promise<OpenedData> {
  const nothing: OpenedData = {
    ...{ imageRoot: "", classNames: [], train: [], val: [], evaluations: [], notes: [] },
  };
  const places = unmeasured.map((target) => targets.indexOf(target));
  const opened = withTargets(nothing, unmeasured, read, places);
  return frozen.data.skipUnreadable ? skipUnreadable(opened) : opened;
}

/** Makes this process the run's only one for a moment; null where a trainer has it. */
function takeLock(paths: RunPaths): (() => void) | null {
  try {
    return lockRun(paths, { ...thisProcess(), isBrief: true });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Writes targets into a run's configuration and split, in the place of those that it does not keep. */
async function freeze(
  { config, split }: RunPaths,
  { frozen, kept, unmeasured }: Look,
  added: OpenedData,
): Promise<void> {
  const { evaluation, run } = frozen;
  const targets = [...kept, ...unmeasured];
  const splits = new Set(kept.map(({ name }) => targetSplit(name!)));
  const lines = frozenSplit(split, run.splitHash)
    .split("\n")
    .filter(
      (line) => line !== "" && (!line.startsWith('{"split":"target:') || splits.has(splitOf(line))),
    );
  const text = lines.map((line) => `${line}\n`).join("") + splitText(added);
  await replaceSplit(split, { stated: run.splitHash }, text, (splitHash) =>
    writeJsonAtomically(config, {
      ...frozen,
      evaluation: { ...evaluation, targets },
      run: { ...run, splitHash },
    }),
  );
}

function splitOf(line: string): string {
  return (JSON.parse(line) as { split: string }).split;
}
