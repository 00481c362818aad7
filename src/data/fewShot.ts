import { UserError } from "../util/errors";
import { PythonRandom } from "../util/pythonRandom";
import { plural } from "../util/text";
import type { DataSplit, Sample } from "./types";

/** Whose sampling is reproduced. */
export type SamplingOrder = "coop" | "clip-lora";

export interface FewShot {
  /** Training images per class; null takes all training and validation images. */
  shots: number | null;
  seed: number;
  order: SamplingOrder;
}

/**
 * The few-shot training and validation images (at most four per class) of a split, as CoOp (Dassl) and CLIP-LoRA draw
 * them with Python's generator after `random.seed(seed)`. CoOp draws the training images first and takes all of a
 * class that has too few; CLIP-LoRA draws the validation images first and fills such a class by repetition.
 */
export function sampleFewShot(
  split: Pick<DataSplit, "train" | "val">,
  { shots, seed, order }: FewShot,
): { train: Sample[]; val: Sample[] } {
  if (shots === null) return { train: split.train, val: split.val };
  const random = new PythonRandom(seed);
  const repeat = order === "clip-lora";
  const sampleTrain = () => sampleClasses(split.train, shots, repeat, random);
  const sampleVal = () => sampleClasses(split.val, Math.min(shots, 4), repeat, random);
  if (order === "coop") {
    const train = sampleTrain();
    return { train, val: sampleVal() };
  }
  const val = sampleVal();
  return { train: sampleTrain(), val };
}

/**
 * The few-shot images of a data set whose validation images are its test images. CoOp draws training images only; there
 * is nothing to validate on then. CLIP-LoRA draws those to validate on from the training images as well: one draw per
 * class, of which the first `shots` train. All images instead of few leave none to validate on, either.
 */
export function sampleTrainOnly(
  train: readonly Sample[],
  { shots, seed, order }: FewShot,
): { train: Sample[]; val: Sample[] } {
  if (shots === null) return { train: [...train], val: [] };
  const random = new PythonRandom(seed);
  if (order === "coop") return { train: sampleClasses(train, shots, false, random), val: [] };
  const drawn = groupByLabel(train).map((items) =>
    random.sample(items, shots + Math.min(shots, 4)),
  );
  return {
    train: drawn.flatMap((items) => items.slice(0, shots)),
    val: drawn.flatMap((items) => items.slice(shots)),
  };
}

/** Draws `shots` images of each class; classes come in the order of their first image in the list. */
function sampleClasses(
  samples: readonly Sample[],
  shots: number,
  repeat: boolean,
  random: PythonRandom,
): Sample[] {
  return groupByLabel(samples).flatMap((items) => {
    if (items.length >= shots) return random.sample(items, shots);
    return repeat ? random.choices(items, shots) : items;
  });
}

/** The samples of each class, classes in the order of their first appearance. */
function groupByLabel(samples: readonly Sample[]): Sample[][] {
  const groups = new Map<number, Sample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.label);
    if (group) group.push(sample);
    else groups.set(sample.label, [sample]);
  }
  return [...groups.values()];
}

/** Says which of the classes `labels` have fewer training images than `shots`; null where none has. */
export function describeShortClasses(
  split: DataSplit,
  labels: readonly number[],
  shots: number | null,
): { message: string; most: number } | null {
  if (shots === null) return null;
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const { label } of split.train) {
    if (counts.has(label)) counts.set(label, counts.get(label)! + 1);
  }
  const short = [...counts].filter(([, count]) => count < shots).sort((a, b) => a[1] - b[1]);
  if (short.length === 0) return null;
  const [label, most] = short[0]!;
  const others = short.length - 1;
  const also = others === 0 ? "" : `, and ${plural(others, "other class")} too few as well`;
  const message = `class "${split.sourceNames[label]!}" has only ${most} of the ${shots} training images asked for${also}`;
  return { message, most };
}

/** Throws unless each of the classes `labels` has `shots` training images. `hint` ends the sentence. */
export function requireShots(
  split: DataSplit,
  labels: readonly number[],
  shots: number | null,
  hint = "",
): void {
  const short = describeShortClasses(split, labels, shots);
  if (short === null) return;
  throw new ShotsError(`data.shots: ${short.message}; ${mendShots(short.most)}${hint}`, short.most);
}

/** What `data.shots` can be where a class has at most so many images. */
export function mendShots(most: number): string {
  return most > 0 ? `set it to at most ${most}, or to null for all images` : "set it to null";
}

/** More shots than a class has images; `most` is how many the smallest class has. */
export class ShotsError extends UserError {
  constructor(
    message: string,
    readonly most: number,
  ) {
    super(message);
  }
}
