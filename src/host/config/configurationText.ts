import { basename } from "node:path";

/** What the guided pick asks for. */
export interface Wishes {
  model: string;
  /** As it goes into the file. */
  root: string | null;
  dataset: string;
  /** Training images per class; null takes all. */
  shots: number | null;
  protocol: "all" | "base-to-novel";
}

/** The text of a new configuration: few settings, each with a word on it. */
export function configurationText({ model, root, dataset, shots, protocol }: Wishes): string {
  const text = JSON.stringify;
  return `{
  // The name of the runs.
  "name": ${text(nameOf({ root, dataset }))},
  // A CLIP: a folder, or a name of the Hugging Face hub ("GLAD: Pull Model" downloads it).
  "model": ${text(model)},
  "data": {
    // "folder": one sub-folder per class, alone or below train, val and test.
    "dataset": ${text(dataset)},
    "root": ${text(root)},
    // Training images per class; null takes all.
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
