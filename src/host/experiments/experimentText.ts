import type { ExperimentProtocol } from "../../protocol/experimentRecord";
import type { ScarceClass } from "../config/configurationText";

/** What the guided pick asks for; folders as they go into the file. */
export interface ExperimentWishes {
  name: string;
  protocol: ExperimentProtocol;
  model: string;
  /** Folder of the published data sets; null takes what `glad data` remembered. */
  root: string | null;
  /** Folders of images of one's own: the first is trained on. Empty where published data sets are taken. */
  own: readonly string[];
  /** The most training images per class that the first of them has for each; null where that is one. */
  shots: number | null;
  /** The class for whose sake there are no more; null where all have about as many images. */
  scarce: ScarceClass | null;
  executor: "local" | "slurm";
}

/** The text of a new experiment: few settings, each with a word on it. */
export function experimentText(wishes: ExperimentWishes): string {
  const { name, protocol, model, executor } = wishes;
  return `{
  // Its folder below .glad/experiments, and the title of its table.
  "name": ${JSON.stringify(name)},
  // few-shot, base-to-novel, domain-generalization, cross-dataset or own.
  "protocol": ${JSON.stringify(protocol)},
${dataLines(wishes)}
  // Each method is trained once for each seed.
  "seeds": [1, 2, 3],
  // zero-shot, lora, sam, glad, or one of your own; a sweep makes a method of each value.
  "methods": [
    "zero-shot",
    "lora",
    "sam",
    "glad"
    // { "name": "GLAD", "sweep": { "glad.rho": [0.02, 0.05, 0.1] } }
  ],
  // Settings of all runs, as in glad.json.
  "config": {
    "model": ${JSON.stringify(model)},
    // Without this a run has 500 steps per shot; published methods may have had others, and the table says where that
    // is known. A first look needs fewer.
    // "training": { "steps": 500 },
    // Keeps resized test images on the disk (MiB), so that they are decoded once for all methods. 0: off.
    // "evaluation": { "pixelCacheMiB": 4096 },
    "device": "auto"
  },
${executorLines(executor)}
}
`;
}

function dataLines(wishes: ExperimentWishes): string {
  const { protocol, root } = wishes;
  if (wishes.own.length > 0) return ownLines(wishes);
  return `  // The folder that holds caltech-101, oxford_pets and so on; null takes what \`glad data root\` remembered.
  "root": ${JSON.stringify(root)},
${publishedLines[protocol]}`;
}

const publishedLines: Record<ExperimentProtocol, string> = {
  "few-shot": `  // null takes the 11 of the papers; fewer are a list, e.g. ["caltech101", "dtd"].
  "datasets": null,
  // Training images per class.
  "shots": [1, 2, 4, 8, 16],`,
  "base-to-novel": `  // null takes the 11 of the papers; fewer are a list, e.g. ["caltech101", "dtd"].
  "datasets": null,
  "shots": [16],`,
  "domain-generalization": `  // Trained on ImageNet, measured on V2, Sketch, A and R.
  "source": "imagenet",
  "targets": null,
  "shots": [16],`,
  "cross-dataset": `  // Trained on ImageNet, measured on the ten others.
  "source": "imagenet",
  "targets": null,
  "shots": [16],`,
  own: `  "source": null,
  "targets": null,
  "shots": [16],`,
};

function ownLines({ protocol, own, shots, scarce }: ExperimentWishes): string {
  const [first, ...others] = own;
  const set = (folder: string): string => `{ "root": ${JSON.stringify(folder)} }`;
  const most = Math.min(shots ?? 1, 8);
  const why =
    scarce === null
      ? ""
      : `
  // Class ${JSON.stringify(scarce.name)} has only ${scarce.train} to train on: with more images of it the others get more.`;
  const shotsLines = (asked: readonly number[]): string => `  // Training images per class.${why}
  "shots": [${asked.join(", ")}],`;
  if (protocol === "few-shot" || protocol === "base-to-novel")
    return `  // Folders of images, one sub-folder per class; or published data sets by name.
  "datasets": [${[first!, ...others].map(set).join(", ")}],
${shotsLines(protocol === "few-shot" ? [1, 2, 4, 8].filter((each) => each <= most) : [most])}`;
  return `  // Trained on the one, measured on it and on the others; folders of images, one sub-folder per class.
  "source": ${set(first!)},
  "targets": [${others.map(set).join(", ")}],
${shotsLines([most])}`;
}

function executorLines(executor: ExperimentWishes["executor"]): string {
  return executor === "local"
    ? `  // A queue on this machine that outlives the editor; "parallel": 2 runs two at once.
  "executor": { "kind": "local", "parallel": "auto" }`
    : `  // A job array with one task per run; extra lines go into its script.
  "executor": {
    "kind": "slurm",
    "partition": null,
    "time": "04:00:00",
    "gres": "gpu:1",
    "account": null,
    "extraLines": []
  }`;
}
