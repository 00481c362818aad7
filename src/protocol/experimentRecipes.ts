import type { Recipe } from "./recipes";

/** What an editor proposes for experiment files. */

const methods = ["zero-shot", "lora", "sam", "glad"];
const config = { model: "${3:openai/clip-vit-base-patch16}" };

function published(protocol: string, description: string, data: object): Recipe {
  return {
    label: protocol,
    description,
    body: {
      name: `\${1:${protocol}}`,
      protocol,
      root: "${2:/data}",
      ...data,
      seeds: [1, 2, 3],
      methods,
      config,
    },
  };
}

/** Whole files, one for each protocol. */
export const experimentRecipes: readonly Recipe[] = [
  published("base-to-novel", "Train on half of the classes, measure both halves", {
    datasets: ["${4:caltech101}"],
  }),
  published("few-shot", "Train on all classes with few images of each", {
    datasets: ["${4:caltech101}"],
    shots: [1, 2, 4, 8, 16],
  }),
  published("domain-generalization", "Train on ImageNet, measure on V2, Sketch, A and R", {
    source: "imagenet",
  }),
  published("cross-dataset", "Train on ImageNet, measure on ten other data sets", {
    source: "imagenet",
  }),
  {
    label: "own",
    description: "Train on a folder of your own, measure on others",
    body: {
      name: "${1:own}",
      protocol: "own",
      source: { root: "${2:./photos}" },
      targets: [{ root: "${4:./drawings}" }],
      shots: ["^${5:8}"],
      methods,
      config,
    },
  },
];

/** Methods beside the four that have names. */
export const methodPieces: readonly Recipe[] = [
  {
    label: "method with settings",
    description: "A method of your own",
    body: { name: "${1:GLAD, rank 8}", set: { lora: { rank: "^${2:8}" } } },
  },
  {
    label: "sweep over a setting",
    description: "One method for each value",
    body: { name: "${1:GLAD}", sweep: { "${2:glad.rho}": ["^${3:0.02}", "^${4:0.05}"] } },
  },
];

/** A job array on a cluster. */
export const slurmPiece: Recipe = {
  label: "slurm",
  description: "A job array with one task per run",
  body: {
    kind: "slurm",
    partition: "${1:gpu}",
    time: "${2:04:00:00}",
    gres: "${3:gpu:1}",
    extraLines: [],
  },
};
