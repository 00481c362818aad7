import { readFileSync } from "node:fs";
import type { OpenedData } from "../data/openData";
import type { ReadData } from "../data/readData";
import { skipUnreadable } from "../data/skipUnreadable";
import { replaceSplit, requireSplit, settleSplit, sha256, splitText } from "../data/splitFile";
import { type ResolvedTarget, withTargets } from "../data/targets";
import type { Config } from "../protocol/config";
import { type FrozenConfig, readFrozen } from "../protocol/frozen";
import type { RunPaths } from "../protocol/runFolder";
import { targetSplit } from "../protocol/splits";
import { readStatus, runState } from "../protocol/status";
import { writeJsonAtomically } from "../util/writeAtomically";
import { resolveConfig } from "./createRun";

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
 * that is finished is to be resumed, which makes no step. Nothing is trained anew for another table.
 */
export async function measureAlso(
  paths: RunPaths,
  wanted: Config,
  read: ReadData,
): Promise<MeasuredAlso> {
  const nothing = { names: [], busy: false, notes: [] };
  const status = readStatus(paths);
  if (!status || wanted.evaluation.targets.length === 0) return nothing;
  const { targets } = resolveConfig(wanted).evaluation;
  const frozen = readFrozen(paths);
  const known = new Set(frozen.evaluation.targets.map(({ name }) => name));
  const state = runState(status);
  const measured = state === "finished" ? measuredSplits(paths) : null;
  const missing = targets.filter(({ name }) => !known.has(name));
  const unmeasured = targets.filter(
    ({ name }) => !known.has(name) || measured?.has(targetSplit(name)) === false,
  );
  if (unmeasured.length === 0) return nothing;
  const names = unmeasured.map(({ name }) => name);
  if (living.has(state)) return { names, busy: true, notes: [] };
  const notes = missing.length > 0 ? await freeze(paths, frozen, missing, read) : [];
  if (state === "finished") {
    const reason = `is to be measured on ${names.join(", ")} as well`;
    await writeJsonAtomically(paths.status, { ...status, state: "stopped", reason });
  }
  return { names, busy: false, notes };
}

const living: ReadonlySet<string> = new Set(["starting", "running", "paused"]);

/** The splits that the result of a finished run tells of. */
function measuredSplits({ result }: RunPaths): Set<string> {
  const { zeroShot, adapted } = JSON.parse(readFileSync(result, "utf8")) as Record<
    "zeroShot" | "adapted",
    { split: string }[]
  >;
  const told = adapted.length > 0 ? adapted : zeroShot;
  return new Set(told.map(({ split }) => split));
}

/** Adds targets to a run's configuration and split. */
async function freeze(
  { config, split }: RunPaths,
  frozen: FrozenConfig,
  targets: readonly ResolvedTarget[],
  read: ReadData,
): Promise<string[]> {
  settleSplit(split, frozen.run.splitHash);
  const text = readFileSync(split, "utf8");
  requireSplit(split, sha256(text), frozen.run.splitHash);
  const nothing: OpenedData = {
    ...{ imageRoot: "", classNames: [], train: [], val: [], evaluations: [], notes: [] },
  };
  const opened = withTargets(nothing, targets, read);
  const added = frozen.data.skipUnreadable ? await skipUnreadable(opened) : opened;
  const { evaluation, run } = frozen;
  await replaceSplit(split, text + splitText(added), (splitHash) =>
    writeJsonAtomically(config, {
      ...frozen,
      evaluation: { ...evaluation, targets: [...evaluation.targets, ...targets] },
      run: { ...run, splitHash },
    }),
  );
  return added.notes;
}
