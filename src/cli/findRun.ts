import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { modelTypeOf } from "../models/hfConfig";
import { openClipConfigFile } from "../models/snapshot";
import { defaultConfigFile, loadConfig } from "../protocol/loadConfig";
import { type RunPaths, runPaths, runsFolder } from "../protocol/runFolder";
import { firstFive, plural } from "../util/text";
import { UserError } from "../util/errors";

/** How the commands that take a run explain it. */
export const runArgument = 'a run\'s id or the beginning of it, its folder, or "latest"';

/** The folder of the runs of this working folder: below `output` of its glad.json, or in `.glad`. */
export function defaultRunsFolder(folder = process.cwd()): string {
  return runsFolder(outputOf(folder));
}

function outputOf(folder: string): string {
  const usual = join(folder, ".glad");
  if (!existsSync(join(folder, defaultConfigFile))) return usual;
  try {
    return loadConfig(null, [], folder).output;
  } catch (error) {
    // A run can be stopped or looked at whatever has become of the configuration since.
    if (error instanceof UserError) return usual;
    throw error;
  }
}

/** Names of all run folders, newest first. */
export function runIds(runs: string): string[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .filter((id) => existsSync(runPaths(join(runs, id)).config))
    .map((id) => ({ id, created: createdAt(runPaths(join(runs, id))) }))
    .sort((a, b) => (a.created === b.created ? order(a.id, b.id) : order(a.created, b.created)))
    .map(({ id }) => id);
}

/** The later first. */
function order(a: string, b: string): number {
  return a < b ? 1 : -1;
}

/** When a run was made (ISO 8601), as its configuration says; "" where that cannot be read. */
function createdAt({ config }: RunPaths): string {
  try {
    const frozen = JSON.parse(readFileSync(config, "utf8")) as { run?: { created?: string } };
    return frozen.run?.created ?? "";
  } catch {
    return "";
  }
}

/** The run that the user means by an id, a unique beginning of one, a folder, or "latest". */
export function findRun(written: string, runs = defaultRunsFolder()): RunPaths {
  const ids = runIds(runs);
  if (written === "latest") {
    const [newest] = ids;
    if (newest !== undefined) return runPaths(join(runs, newest));
    throw new UserError(`${runs}: there is no run yet; start one with \`glad train\``);
  }
  if (ids.includes(written)) return runPaths(join(runs, written));
  const folder = resolve(written);
  if (isModel(folder))
    throw new UserError(
      `${folder}: is a model and no run; \`glad zero-shot --set model=${folder}\` measures it on the images of a configuration, ` +
        "and `glad train` with the same --set trains from it",
    );
  if (existsSync(runPaths(folder).config)) return runPaths(folder);
  const begun = ids.filter((id) => id.startsWith(written));
  if (begun.length === 1) return runPaths(join(runs, begun[0]!));
  if (begun.length > 1)
    throw new UserError(
      `${written}: ${plural(begun.length, "run")} begin so (${firstFive(begun)}); write more of the id`,
    );
  if (existsSync(folder))
    throw new UserError(
      `${folder}: is no run folder, which would hold the config.json of a run; \`glad runs\` lists those in ${runs}`,
    );
  const known = ids.length === 0 ? "there is none" : `the newest are ${firstFive(ids)}`;
  throw new UserError(
    `${written}: there is no such run in ${runs}, ${known}; \`glad runs\` lists them, and a run elsewhere is named by its folder`,
  );
}

/** Whether a folder holds a CLIP, in Hugging Face's layout or OpenCLIP's, e.g. one that `glad export` wrote. */
function isModel(folder: string): boolean {
  if (existsSync(join(folder, openClipConfigFile))) return true;
  const { config } = runPaths(folder);
  if (!existsSync(config)) return false;
  try {
    return modelTypeOf(JSON.parse(readFileSync(config, "utf8"))) !== null;
  } catch {
    // What is wrong with a run's configuration is for its reader to say.
    return false;
  }
}

/** A run, or one checkpoint of it. `checkpoint` is null where a run was named. */
export function findRunOrCheckpoint(written: string): {
  paths: RunPaths;
  checkpoint: string | null;
} {
  const folder = resolve(written);
  if (!existsSync(join(folder, "adapter_config.json")))
    return { paths: findRun(written), checkpoint: null };
  const run = dirname(dirname(folder));
  if (basename(dirname(folder)) !== "checkpoints" || !statSync(run).isDirectory())
    throw new UserError(
      `${folder}: is an adapter outside a run folder, which does not say what to measure it on; \`glad train --init-adapter\` trains from it`,
    );
  return { paths: runPaths(run), checkpoint: folder };
}
