import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { FrozenConfig } from "../protocol/frozen";
import { hasOwnClasses } from "../protocol/splits";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { firstFive, plural } from "../util/text";
import { withVal, type Evaluation, type OpenedData } from "./openData";
import { readImageRoot } from "./readData";
import { findMissing, leavesRoot } from "./samplePaths";
import { withTargetRoots } from "./targets";
import type { Sample } from "./types";

/**
 * The text of `split.jsonl`: one line `{"split","path","label","name"}` for each sample, first those of "train", then
 * "val", then the test images of each evaluation ("all", or "base" and "novel"). Labels count within the split's
 * classes; names are as they go into the prompt.
 */
export function splitText(
  data: Pick<OpenedData, "train" | "val" | "classNames" | "evaluations">,
): string {
  const lines = (split: string, samples: readonly Sample[], names: readonly string[]) =>
    samples.map(
      ({ path, label }) => JSON.stringify({ split, path, label, name: names[label] }) + "\n",
    );
  return [
    ...lines("train", data.train, data.classNames),
    ...lines("val", data.val, data.classNames),
    ...data.evaluations
      .filter(({ split }) => split !== "val")
      .flatMap(({ split, samples, classNames }) => lines(split, samples, classNames)),
  ].join("");
}

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Writes `split.jsonl` as a whole or not at all; returns the SHA-256 of its bytes. */
export function writeSplitFile(file: string, data: OpenedData): string {
  const text = splitText(data);
  writeWhole(file, text);
  return sha256(text);
}

function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, text, { flush: true });
  renameSync(beside, file);
}

/**
 * Puts another text in the place of a `split.jsonl` whose hash another file, the run's configuration, states: `state` writes the new
 * hash there. However this is cut off, `frozenSplit` finds the text that the hash is of. To be called by one process at a time.
 */
export async function replaceSplit(
  file: string,
  before: { stated: string },
  text: string,
  state: (sha256: string) => Promise<void>,
): Promise<void> {
  // What was cut off before is ended first: its text may be there under the other name alone.
  if (existsSync(nextTo(file))) writeWhole(file, frozenSplit(file, before.stated));
  writeWhole(nextTo(file), text);
  await state(sha256(text));
  renameSync(nextTo(file), file);
}

/** The text of a run's `split.jsonl` of which its configuration states the hash; throws a UserError where there is none. */
export function frozenSplit(file: string, stated: string): string {
  const text = readTextFile(file, "the run's frozen split");
  if (sha256(text) === stated) return text;
  const next = existsSync(nextTo(file)) ? readFileSync(nextTo(file), "utf8") : "";
  if (sha256(next) === stated) return next;
  throw new UserError(
    `${file}: was changed since the run began (its SHA-256 is not run.splitHash of config.json); restore it or start a new run`,
  );
}

function nextTo(file: string): string {
  return `${file}.next`;
}

/** What a run's configuration says of its images. */
type Frozen = Pick<FrozenConfig, "data"> & {
  evaluation: Pick<FrozenConfig["evaluation"], "targets">;
  run: Pick<FrozenConfig["run"], "splitHash">;
};

/**
 * Opens the images of a run again from its `split.jsonl`, exactly as they were frozen: nothing is sampled anew. Images
 * that are gone since are the user's mistake. Of a run that has come to its end and is `measured` on some splits, only the others are
 * opened.
 */
export function openFrozenData(
  { data, evaluation, run }: Frozen,
  file: string,
  measured: ReadonlySet<string> | null = null,
): OpenedData {
  const whole = parseSplitText(frozenSplit(file, run.splitHash), file, readImageRoot(data));
  const evaluations = whole.evaluations.filter(({ split }) => !measured?.has(split));
  const opened = withTargetRoots({ ...whole, evaluations }, evaluation.targets);
  const needed = measured === null ? opened : { ...opened, train: [], val: [] };
  for (const [root, samples] of samplesByRoot(needed)) {
    const missing = [...new Set(findMissing(root, samples))];
    if (missing.length === 0) continue;
    throw new UserError(
      `${file}: ${plural(missing.length, "image")} of the run missing below ${root}: ${firstFive(missing)}; put them back to resume`,
    );
  }
  return opened;
}

/** The classes of a run's splits, without their images, which need not be there any more. */
export function openFrozenClasses({ run }: Frozen, file: string): OpenedData {
  const whole = parseSplitText(frozenSplit(file, run.splitHash), file, "");
  const evaluations = whole.evaluations.map((split) => ({ ...split, samples: [] }));
  return { ...whole, train: [], val: [], evaluations };
}

/** All samples of a run by the folder that their paths are relative to. */
export function samplesByRoot({
  imageRoot,
  train,
  val,
  evaluations,
}: OpenedData): Map<string, Sample[]> {
  const found = new Map([[imageRoot, [...train, ...val]]]);
  for (const { samples, imageRoot: root = imageRoot } of evaluations)
    found.set(root, [...(found.get(root) ?? []), ...samples]);
  return found;
}

/** Reads the text of a `split.jsonl`; the inverse of `splitText`, without the notes and the folders of targets. */
export function parseSplitText(text: string, file: string, imageRoot: string): OpenedData {
  const parts = new Map<string, Sample[]>();
  // The novel classes and those of targets count their labels anew; all other splits share the trained classes.
  const trained: string[] = [];
  const names = new Map<string, string[]>();
  const namesOf = (split: string): string[] => {
    if (!hasOwnClasses(split)) return trained;
    const own = names.get(split) ?? [];
    names.set(split, own);
    return own;
  };
  text.split("\n").forEach((line, index) => {
    if (line === "") return;
    const at = `${file}, line ${index + 1}`;
    const { split, sample, name } = parseLine(line, at);
    const list = parts.get(split);
    if (list) list.push(sample);
    else parts.set(split, [sample]);
    const known = namesOf(split);
    if ((known[sample.label] ??= name) !== name) {
      throw new UserError(`${at}: label ${sample.label} was "${known[sample.label]!}" before`);
    }
  });
  const classNames = complete(trained, file);
  const evaluations: Evaluation[] = [...parts]
    .filter(([split]) => split !== "train" && split !== "val")
    .map(([split, samples]) => ({
      split,
      classNames: hasOwnClasses(split) ? complete(namesOf(split), file) : classNames,
      samples,
    }));
  const train = parts.get("train") ?? [];
  if (train.length === 0 || evaluations.length === 0) {
    throw new UserError(`${file}: has no ${train.length === 0 ? "training" : "test"} image`);
  }
  return withVal({
    imageRoot,
    classNames,
    train,
    val: parts.get("val") ?? [],
    evaluations,
    notes: [],
  });
}

function parseLine(line: string, at: string): { split: string; sample: Sample; name: string } {
  const json = parseJsonText(line, at);
  const { split, path, label, name } = (json ?? {}) as Record<string, unknown>;
  const valid =
    typeof split === "string" &&
    typeof path === "string" &&
    !leavesRoot(path) &&
    typeof name === "string" &&
    Number.isSafeInteger(label) &&
    (label as number) >= 0;
  if (!valid) {
    throw new UserError(`${at}: expected {"split", "path", "label", "name"}, found ${line}`);
  }
  return { split, sample: { path, label: label as number }, name };
}

function complete(names: readonly (string | undefined)[], file: string): string[] {
  return Array.from(names, (name, label) => {
    if (name === undefined) throw new UserError(`${file}: label ${label} has no image`);
    return name;
  });
}
