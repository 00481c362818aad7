import { basename } from "node:path";

/** What the guided pick asks for. */
export interface Wishes {
  model: string;
  /** As it goes into the file. */
  root: string | null;
  dataset: string;
  protocol: "all" | "base-to-novel";
}

/** The text of a new configuration: few settings, each with a word on it. */
export function configurationText({ model, root, dataset, protocol }: Wishes): string {
  const name = basename(root ?? dataset)
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  const text = JSON.stringify;
  return `{
  // The name of the runs.
  "name": ${text(name || "run")},
  // A CLIP: a folder, or a name of the Hugging Face hub ("GLAD: Pull Model" downloads it).
  "model": ${text(model)},
  "data": {
    // "folder": one sub-folder per class, alone or below train, val and test.
    "dataset": ${text(dataset)},
    "root": ${text(root)},
    // Training images per class; null takes all.
    "shots": 16
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
