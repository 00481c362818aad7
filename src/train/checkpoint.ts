import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { ParameterSlot } from "../models/lora";
import { namedTheta, thetaOf } from "../models/loraNames";
import { readAdapter, writeAdapter } from "../models/peft";
import { readNamedTensors, writeSafetensors } from "../models/safetensors";
import type { NamedTensors } from "../models/types";
import { checkpointName, checkpointSteps, keepMark, type RunPaths } from "../protocol/runFolder";
import type { FrozenConfig } from "../protocol/frozen";
import { UserError } from "../util/errors";
import { makeFolder } from "../util/makeFolder";
import { explainWriteError, isWriteError, writeAtomically } from "../util/writeAtomically";
import type { TrainState } from "./step";

/** What a resumed run needs beside its parameters. */
const stateSchema = z.object({
  version: z.literal(1),
  step: z.number().int(),
  updates: z.number().int(),
  /** ||g|| of the step that the kept SAM direction comes from; null where none is kept. */
  flatNorm: z.number().nullable(),
  lossScale: z.object({ value: z.number(), good: z.number().int() }).nullable(),
  skippedInARow: z.number().int(),
  /** The last step whose due evaluation was made (-1: none, not even of a given adapter); it is made up for where a stop came in between. */
  evaluated: z.number().int(),
  /** Best accuracy on the validation split, and when. */
  best: z.object({ step: z.number().int(), accuracy: z.number() }).nullable(),
  /** Evaluations since the plateau rule last saw an improvement, and what it was. */
  plateau: z.object({ waited: z.number().int(), accuracy: z.number() }).nullable(),
});

type StoredState = z.output<typeof stateSchema>;

/** Everything that a run goes on from. */
export interface Progress extends Pick<
  StoredState,
  "evaluated" | "best" | "plateau" | "skippedInARow"
> {
  state: TrainState;
}

/**
 * Saves a checkpoint: a PEFT adapter with the optimiser's state and the trainer's beside it. It is written under another
 * name, flushed to the disk, and renamed when it is whole. Where the step has one already, its values are these, and
 * only the trainer's state is written. `keeps`: somebody asked for it, so it is never pruned. Gives its folder's name.
 */
export async function saveCheckpoint(
  paths: RunPaths,
  config: FrozenConfig,
  layout: readonly ParameterSlot[],
  progress: Progress,
  keeps = false,
): Promise<string> {
  const { state } = progress;
  const name = checkpointName(state.step);
  const folder = join(paths.checkpoints, name);
  if (existsSync(folder)) {
    await writeState(folder, progress);
    if (keeps) await writeMark(folder);
    return name;
  }
  const partial = join(paths.checkpoints, `.${name}.${process.pid}.partial`);
  try {
    await makeFolder(partial);
    await writeAdapter(partial, namedTheta(layout, state.theta), config.lora, config.model);
    const vectors: NamedTensors = new Map([
      ["adamw.mean", vector(state.adamw.mean)],
      ["adamw.square", vector(state.adamw.square)],
      ...(state.flat ? [["glad.flat", vector(state.flat.direction)] as const] : []),
    ]);
    await writeSafetensors(join(partial, "optimizer.safetensors"), vectors);
    await writeState(partial, progress);
    if (keeps) await writeMark(partial);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw isWriteError(error) ? explainWriteError(error, folder) : error;
  }
  return name;
}

async function writeState(folder: string, { state, ...rest }: Progress): Promise<void> {
  const stored: StoredState = {
    version: 1,
    step: state.step,
    updates: state.adamw.updates,
    flatNorm: state.flat?.norm ?? null,
    lossScale: state.lossScale,
    ...rest,
  };
  await writeAtomically(join(folder, "state.json"), async (file) => {
    await file.writeFile(JSON.stringify(stored, null, 2) + "\n");
  });
}

/** Reads a checkpoint back; every number is the one that was saved. */
export async function loadCheckpoint(
  folder: string,
  layout: readonly ParameterSlot[],
): Promise<Progress> {
  const theta = thetaOf(layout, (await readAdapter(folder)).values, folder);
  const stateFile = join(folder, "state.json");
  const stored = parseState(stateFile);
  const optimizer = join(folder, "optimizer.safetensors");
  const { tensors } = await readNamedTensors(optimizer);
  const read = (name: string): Float32Array => {
    const found = tensors.get(name)?.data;
    if (found?.length === theta.length) return found;
    throw new UserError(
      `${optimizer}: "${name}" is ${found ? `${found.length} values long` : "missing"}, expected ${theta.length}; remove that folder to go on from the checkpoint before`,
    );
  };
  const { step, updates, flatNorm, lossScale, evaluated, best, plateau, skippedInARow } = stored;
  const adamw = { updates, mean: read("adamw.mean"), square: read("adamw.square") };
  const flat = flatNorm === null ? null : { direction: read("glad.flat"), norm: flatNorm };
  const state = { step, theta, adamw, flat, lossScale };
  return { state, evaluated, best, plateau, skippedInARow };
}

/** Keeps the checkpoint of a step from being pruned. */
export async function keepCheckpoint(paths: RunPaths, step: number): Promise<void> {
  const folder = join(paths.checkpoints, checkpointName(step));
  // Whoever deleted it meanwhile does not want it.
  if (existsSync(folder)) await writeMark(folder);
}

async function writeMark(folder: string): Promise<void> {
  await writeAtomically(join(folder, keepMark), (file) => file.writeFile(""));
}

/** Removes the checkpoints that nobody asked for, but for the newest `keepLast` of them and the one of step `best`. */
export function pruneCheckpoints(paths: RunPaths, keepLast: number, best: number | null): void {
  const isKept = (step: number): boolean =>
    existsSync(join(paths.checkpoints, checkpointName(step), keepMark));
  const steps = checkpointSteps(paths).filter((step) => !isKept(step));
  for (const step of steps.slice(0, -keepLast))
    if (step !== best) removeCheckpoint(paths, checkpointName(step));
}

/** Removes what a killed trainer left half-written. */
export function removePartial(paths: RunPaths): void {
  if (!existsSync(paths.checkpoints)) return;
  for (const name of readdirSync(paths.checkpoints))
    if (name.startsWith("."))
      rmSync(join(paths.checkpoints, name), { recursive: true, force: true });
}

/** A checkpoint that is being removed is no longer found under its name, should the removal be cut short. */
function removeCheckpoint(paths: RunPaths, name: string): void {
  const aside = join(paths.checkpoints, `.${name}.removed`);
  renameSync(join(paths.checkpoints, name), aside);
  rmSync(aside, { recursive: true, force: true });
}

function parseState(file: string): StoredState {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new UserError(
      `${file}: cannot be read as JSON; remove that folder to go on from the checkpoint before`,
    );
  }
  const parsed = stateSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(
    `${file}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not valid"}; remove that folder to go on from the checkpoint before`,
  );
}

function vector(data: Float32Array): { shape: number[]; data: Float32Array } {
  return { shape: [data.length], data };
}

/** The folder of a run's newest checkpoint. */
export function newestCheckpoint(paths: RunPaths): string {
  const [step] = checkpointSteps(paths).slice(-1);
  if (step === undefined)
    throw new UserError(
      `${paths.folder}: has no checkpoint yet; \`glad checkpoint\` asks a running one for it`,
    );
  return join(paths.checkpoints, checkpointName(step));
}
