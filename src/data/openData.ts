import type { Config } from "../protocol/config";
import type { SplitName } from "../protocol/events";
import { hasOwnClasses } from "../protocol/splits";
import { UserError } from "../util/errors";
import { firstFive, plural } from "../util/text";
import { halfLabels, takeHalf } from "./baseNovel";
import {
  describeShortClasses,
  requireShots,
  sampleFewShot,
  sampleTrainOnly,
  type FewShot,
} from "./fewShot";
import { readListFile } from "./listFile";
import { readData, type ReadData, type WholeData } from "./readData";
import type { DataSplit, Sample, WithNotes } from "./types";

/** What accuracy is measured on: images and the classes that they are told apart from. */
export interface Evaluation {
  split: SplitName;
  classNames: string[];
  samples: Sample[];
  /** Absolute folder that the paths are relative to, where it is not the run's. */
  imageRoot?: string;
  /** The prompt of these classes, where it is not the run's. */
  template?: string;
}

/** Everything that a run trains and measures on. */
export interface OpenedData {
  /** Absolute folder that the samples' paths are relative to. */
  imageRoot: string;
  /** Names of the classes that are trained, for the prompt. */
  classNames: string[];
  train: Sample[];
  /** Validation images of the trained classes; may be empty. */
  val: Sample[];
  /** "all" or "base" and "novel", then "val" where there are validation images. */
  evaluations: Evaluation[];
  /** Sentences for the user: what was left out, filled or held out. */
  notes: string[];
}

/**
 * Opens the images of a run: reads the data set, takes the few shots (or those of `data.list`) and, for base-to-novel,
 * the halves. The same arguments on the same files give the same samples in the same order.
 */
export function openData(
  data: Config["data"],
  protocol: Config["protocol"],
  seed: number,
  read: ReadData = readData,
): OpenedData {
  const whole = read(data);
  requireTraining(whole, data.dataset);
  const classes = whole.value.classNames.length;
  const trained =
    protocol === "all"
      ? whole.value.classNames.map((_, label) => label)
      : halfLabels(classes, "base");
  const sampled =
    data.list === null
      ? sampleShots(whole, { ...data, seed }, trained, true)
      : takeListed(whole, data.list, { ...data, seed });
  const { imageRoot } = sampled.value;
  const opened = protocol === "all" ? allClasses(sampled.value) : baseToNovel(sampled.value);
  const notes = [
    ...whole.notes,
    ...whole.trainingNotes,
    ...sampled.notes,
    ...singleClassNotes(opened.evaluations),
  ];
  if (opened.train.length === 0) {
    throw new UserError(
      `data.list: ${data.list!} names no image of a base class, so none is left to train on`,
    );
  }
  requireImagesOfAll(opened);
  return { imageRoot, ...opened, notes };
}

/**
 * Opens the test images of a data set to measure a model on that was trained elsewhere, or not at all. `train` and `val`
 * are empty. This is what data sets without training images are opened by.
 */
export function openTest(
  data: Pick<Config["data"], "root" | "dataset">,
  protocol: Config["protocol"],
): OpenedData {
  const { value, notes } = readData(data);
  const tested = { ...value, train: [], val: [] };
  const opened = protocol === "all" ? allClasses(tested) : baseToNovel(tested);
  requireImagesOfAll(opened);
  const said = [...notes, ...singleClassNotes(opened.evaluations)];
  return { imageRoot: value.imageRoot, ...opened, notes: said };
}

function requireTraining(whole: WholeData, dataset: string): void {
  if (whole.value.train.length > 0) return;
  throw new UserError(
    `data.dataset: "${dataset}" has test images only, so nothing can be trained on it; train on another data set, e.g. "imagenet", and measure on this one`,
  );
}

/**
 * Takes the few shots of a whole data set; its test images stay. Where one of the classes `trained` has too few
 * images, `strict` refuses; otherwise a published data set is sampled as its repository does, with a note.
 */
export function sampleShots(
  whole: WholeData,
  fewShot: FewShot,
  trained: readonly number[],
  strict: boolean,
): WithNotes<DataSplit> {
  const { value } = whole;
  const notes: string[] = [];
  if (value.train.length === 0) return { value, notes };
  const { shots, order } = fewShot;
  if (whole.valIsTest) requireOneDraw(value, fewShot);
  if (strict || whole.own) {
    const hint = whole.heldOutHere
      ? '; half of its images are kept for validation and test, which folders "train" and "test" of your own would change'
      : "";
    requireShots(value, trained, shots, hint);
  } else {
    const short = describeShortClasses(value, trained, shots);
    if (short) {
      const way = order === "coop" ? "all of them are taken" : "they are repeated";
      notes.push(`${short.message}; ${way}.`);
    }
  }
  const sampled = sample(whole, fewShot);
  if (whole.valIsTest && sampled.val.length === 0) {
    notes.push("The published validation images are the test images, so none validate.");
  }
  return { value: { ...value, ...sampled }, notes };
}

/** The few shots as the data set's kind has them drawn. */
function sample({ value, valIsTest }: WholeData, fewShot: FewShot) {
  return valIsTest ? sampleTrainOnly(value.train, fewShot) : sampleFewShot(value, fewShot);
}

/** CLIP-LoRA draws ImageNet's images to train and to validate on at once, so every class must have enough for both. */
function requireOneDraw(value: DataSplit, { shots, order }: FewShot): void {
  if (shots === null || order === "coop") return;
  const also = Math.min(shots, 4);
  const all = value.classNames.map((_, label) => label);
  const short = describeShortClasses(value, all, shots + also);
  if (short === null) return;
  throw new UserError(
    `data.shots: ${short.message}; CLIP-LoRA's order takes ${also} of them to validate on, so take fewer shots, or set data.order to "coop"`,
  );
}

/** Training images by a list; validation by it, too, or else as it would be sampled. */
function takeListed(whole: WholeData, file: string, fewShot: FewShot): WithNotes<DataSplit> {
  const { value } = whole;
  const listed = readListFile(file, value);
  const taken = new Set([...listed.train, ...(listed.val ?? [])].map(({ path }) => path));
  const leaked = value.test.filter(({ path }) => taken.has(path)).map(({ path }) => path);
  if (leaked.length > 0 && !whole.heldOutHere) {
    throw new UserError(
      `${file}: ${plural(leaked.length, "image")} of the test among the listed ones: ${firstFive(leaked)}`,
    );
  }
  const trains = new Set(listed.train.map(({ path }) => path));
  const both = (listed.val ?? []).filter(({ path }) => trains.has(path)).map(({ path }) => path);
  if (both.length > 0) {
    throw new UserError(
      `${file}: ${plural(both.length, "image")} listed both for training and for validation: ${firstFive(both)}`,
    );
  }
  const val = listed.val ?? sample(whole, fewShot).val.filter(({ path }) => !trains.has(path));
  const test = value.test.filter(({ path }) => !taken.has(path));
  const labels = new Set(listed.train.map(({ label }) => label));
  const untrained = value.classNames.filter((_, label) => !labels.has(label));
  const notes =
    untrained.length === 0
      ? []
      : [
          `${file} names no training image of ${plural(untrained.length, "class")}: ${firstFive(untrained)}.`,
        ];
  const most = mostOfAClass(listed.train);
  if (fewShot.shots !== null && most !== fewShot.shots)
    notes.unshift(
      `${file} names up to ${plural(most, "training image")} of a class where data.shots is ${fewShot.shots}; the list decides.`,
    );
  return { value: { ...value, train: listed.train, val, test }, notes };
}

function mostOfAClass(samples: readonly Sample[]): number {
  const counts = new Map<number, number>();
  for (const { label } of samples) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values());
}

type Protocolled = Omit<OpenedData, "imageRoot" | "notes">;

function allClasses(split: DataSplit): Protocolled {
  const { classNames, train, val, test } = split;
  const evaluations = [{ split: "all", classNames, samples: test }];
  return withVal({ classNames, train, val, evaluations });
}

function baseToNovel(split: DataSplit): Protocolled {
  const base = takeHalf(split, "base");
  const novel = takeHalf(split, "novel");
  const { classNames, train, val } = base;
  const evaluations = [
    { split: "base", classNames, samples: base.test },
    { split: "novel", classNames: novel.classNames, samples: novel.test },
  ];
  return withVal({ classNames, train, val, evaluations });
}

/** Adds the evaluation "val" where there are validation images. */
export function withVal<T extends Protocolled>(data: T): T {
  const { classNames, val, evaluations } = data;
  if (val.length === 0) return data;
  return { ...data, evaluations: [...evaluations, { split: "val", classNames, samples: val }] };
}

function singleClassNotes(evaluations: readonly Evaluation[]): string[] {
  return evaluations
    .filter(({ split, classNames }) => split !== "val" && classNames.length === 1)
    .map(
      ({ split, classNames }) =>
        `The split "${split}" has a single class, "${classNames[0]!}", so its accuracy is always 100%.`,
    );
}

/**
 * Every class must have an image somewhere: the split file names classes by their images, and a class that is never
 * measured nor trained is a mistake.
 */
export function requireImagesOfAll(opened: Protocolled): void {
  for (const { split, classNames, samples, imageRoot } of opened.evaluations) {
    if (split === "val") continue;
    // A target's split is called otherwise than its folder.
    const classes =
      imageRoot === undefined ? `the "${split}" classes` : `the classes in ${imageRoot}`;
    if (samples.length === 0)
      throw new UserError(
        `there is no test image of ${classes}; add some, or choose another protocol`,
      );
    const own = hasOwnClasses(split) ? samples : [...samples, ...opened.train, ...opened.val];
    const labels = new Set(own.map(({ label }) => label));
    const without = classNames.filter((_, label) => !labels.has(label));
    if (without.length > 0) {
      throw new UserError(
        `${classes} have no test image of ${plural(without.length, "class")}: ${firstFive(without)}; add some`,
      );
    }
  }
}
