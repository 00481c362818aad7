import { basename } from "node:path";

/** A class and its images to train on. */
export interface ScarceClass {
  name: string;
  train: number;
}

/** What the guided pick asks for. */
export interface Wishes {
  model: string;
  /** As it goes into the file. */
  root: string | null;
  dataset: string;
  /** Training images per class; null takes all. */
  shots: number | null;
  /** The class for whose sake there are no more shots; null where all have about as many images. */
  scarce: ScarceClass | null;
  protocol: "all" | "base-to-novel";
}

/** The text of a new configuration: few settings, each with a word on it. */
export function configurationText(wishes: Wishes): string {
  const { model, root, dataset, shots, scarce, protocol } = wishes;
  const text = JSON.stringify;
  const why =
    scarce === null
      ? ""
      : `
    // Class ${text(scarce.name)} has only ${scarce.train} to train on: with null, or more images of it, the others get more.`;
  return `{
  // The name of the runs.
  "name": ${text(nameOf({ root, dataset }))},
  // A CLIP: a folder, or a name of the Hugging Face hub ("GLAD: Pull Model" downloads it).
  "model": ${text(model)},
  "data": {
    // "folder": one sub-folder per class, alone or below train, val and test.
    "dataset": ${text(dataset)},
    "root": ${text(root)},
    // Training images per class; null takes all.${why}
    "shots": ${text(shots)}
  },
  // "all", or "base-to-novel": train on the first half of the classes, measure both.
  "protocol": ${text(protocol)},
  // Weight of the flat gradient: 0 is plain LoRA, 1 is SAM, between is GLAD.
  "glad": { "alpha": 0.5 },
  // Without this a run has 500 steps per shot. A first look needs fewer.
  "training": { "steps": 500 },
  // Measure every so many steps as well, so that there is an early curve of accuracy.
  "evaluation": { "every": 100 },
  // auto, cpu, cuda, cuda:N, webgpu or dml.
  "device": "auto"
}
`;
}

/** What runs on such images are called, and where needed their file. */
export function nameOf({ root, dataset }: Pick<Wishes, "root" | "dataset">): string {
  const name = basename(root ?? dataset)
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  return name || "run";
}

/** The usual number of shots that a class with so few training images still has; null, which takes all, where it has but one. */
export function fittingShots(fewest: number): number | null {
  return [16, 8, 4, 2].find((shots) => shots <= fewest) ?? null;
}

/** The class without which most others would have more of the usual shots; null where there is none. */
export function scarceClass(classes: readonly ScarceClass[]): ScarceClass | null {
  const sorted = classes.toSorted((a, b) => a.train - b.train);
  const fewest = sorted[0];
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!fewest || !middle) return null;
  const shots = fittingShots(fewest.train);
  return shots !== null && shots < (fittingShots(middle.train) ?? 0) ? fewest : null;
}
