import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { resolveData } from "../data/dataRoot";
import { type OpenedData, openData } from "../data/openData";
import type { ReadData } from "../data/readData";
import { skipUnreadable } from "../data/skipUnreadable";
import { writeSplitFile } from "../data/splitFile";
import { checkTokenizer } from "../data/tokenizer";
import { resolveTargets, withTargets } from "../data/targets";
import { resolveModel } from "../models/hub";
import { modelHash } from "../models/modelHash";
import { openSnapshot } from "../models/snapshot";
import type { Config } from "../protocol/config";
import type { FrozenConfig } from "../protocol/frozen";
import { type RunPaths, runPaths, runsFolder } from "../protocol/runFolder";
import type { Status } from "../protocol/status";
import { messageOf, UserError } from "../util/errors";
import { makeFolderSync } from "../util/makeFolder";
import { version } from "../util/version";
import { explainWriteError, isWriteError, writeJsonAtomically } from "../util/writeAtomically";
import { checkPlaces } from "./checkPlaces";
import { adoptAdapter, copyAdapter } from "./initialAdapter";

export interface CreatedRun {
  paths: RunPaths;
  config: FrozenConfig;
  /** What the user should know of the data: sentences. */
  notes: string[];
}

export interface CreateRunOptions {
  /** Dotted names of the settings that were written; the others give way to those of an adapter. By default all. */
  given?: ReadonlySet<string>;
  /** Is told how many images were opened, where all are. */
  onProgress?: (done: number, total: number) => void;
  /** Reads the data sets, e.g. `readOnce()` where many runs are made. */
  read?: ReadData;
}

/**
 * Makes the folder of a new run: opens model and data, so that mistakes show before anything is started, and freezes
 * configuration and split. Nothing is left behind where that fails.
 */
export async function createRun(
  written: Config,
  { given, onProgress, read }: CreateRunOptions = {},
): Promise<CreatedRun> {
  const resolved = resolveConfig(written);
  const modelFolder = resolveModel(resolved.model);
  const snapshot = await openSnapshot(modelFolder);
  const { lora, notes } = await adoptAdapter(resolved.lora, snapshot.config, given);
  const config = { ...resolved, lora };
  checkPlaces(snapshot, lora);
  checkTokenizer(modelFolder);
  const opened = openData(config.data, config.protocol, config.seed, read);
  let data = withTargets(opened, config.evaluation.targets, read);
  if (config.data.skipUnreadable) data = await skipUnreadable(data, onProgress);
  const steps = stepsOf(config);
  checkSteps(config, steps, data);

  const created = new Date();
  const paths = newFolder(runsFolder(config.output), config.name, created);
  try {
    const splitHash = writeSplitFile(paths.split, data);
    if (config.lora.init !== null) copyAdapter(config.lora.init, paths.init);
    const frozen: FrozenConfig = {
      ...config,
      run: {
        id: basename(paths.folder),
        created: created.toISOString(),
        version,
        modelFolder,
        modelHash: modelHash(snapshot),
        splitHash,
        steps,
      },
    };
    await writeJsonAtomically(paths.config, frozen);
    const status: Status = {
      state: "created",
      pid: null,
      processStart: null,
      host: null,
      nonce: null,
      heartbeat: created.toISOString(),
      step: 0,
      steps,
      device: null,
      reason: null,
    };
    await writeJsonAtomically(paths.status, status);
    return { paths, config: frozen, notes: [...notes, ...data.notes] };
  } catch (error) {
    rmSync(paths.folder, { recursive: true, force: true });
    throw isWriteError(error) ? explainWriteError(error, paths.folder) : error;
  }
}

/** The configuration with nothing left that the machine or the user's settings could change later. */
export function resolveConfig(config: Config) {
  const data = resolveData(config.data);
  const targets = resolveTargets(config.evaluation.targets, data.template);
  return { ...config, data, evaluation: { ...config.evaluation, targets } };
}

/** The optimisation steps of a run. */
export function stepsOf({ training, data }: Pick<Config, "training" | "data">): number {
  return training.steps ?? 500 * (data.shots ?? 16);
}

/** Combinations that only the data can show to be impossible. */
export function checkSteps(
  { optimizer, evaluation }: Config,
  steps: number,
  { val }: Pick<OpenedData, "val">,
): void {
  if (steps > 0 && optimizer.warmupSteps >= steps)
    throw new UserError(
      `optimizer.warmupSteps is ${optimizer.warmupSteps}, but the run has ${steps} steps; warm up over fewer steps than that`,
    );
  if (evaluation.earlyStop && val.length === 0)
    throw new UserError(
      "evaluation.earlyStop needs validation images, and the data has none; give the data a val folder, or set it to null",
    );
}

/** `<yyyymmdd-hhmmss>-<name>` in local time, with a number behind it where that exists. */
function newFolder(runs: string, name: string, created: Date): RunPaths {
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${created.getFullYear()}${two(created.getMonth() + 1)}${two(created.getDate())}`;
  const clock = `${two(created.getHours())}${two(created.getMinutes())}${two(created.getSeconds())}`;
  try {
    makeFolderSync(runs);
    for (let attempt = 1; ; attempt++) {
      const folder = join(runs, `${day}-${clock}-${name}${attempt === 1 ? "" : `-${attempt}`}`);
      try {
        mkdirSync(folder);
        return runPaths(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  } catch (error) {
    throw new UserError(
      `${runs}: no run folder can be made there (${messageOf(error)}); set "output" to a folder that can be written`,
    );
  }
}
