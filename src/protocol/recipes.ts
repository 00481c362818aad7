/** A configuration to begin with, as an editor offers it: `body` is JSON in which `${1:text}` is a place to type into. */
export interface Recipe {
  label: string;
  description: string;
  body: unknown;
}

const model = "${1:openai/clip-vit-base-patch16}";

/** Whole configurations for what people do most, offered in an empty glad.json. */
export const recipes: readonly Recipe[] = [
  {
    label: "Own images",
    description: "Few-shot training on a folder with one sub-folder per class",
    body: {
      name: "${2:own-images}",
      model,
      data: { dataset: "folder", root: "${3:./images}", shots: "^${4:8}" },
      training: { steps: "^${5:1000}" },
      evaluation: { every: "^${6:200}" },
    },
  },
  {
    label: "Base to novel on Caltech-101",
    description:
      "Train on the first half of the classes, measure both halves and their harmonic mean",
    body: {
      name: "${2:caltech101-base-to-novel}",
      model,
      data: {
        dataset: "caltech101",
        root: "${3:./data}",
        shots: 16,
        template: "dataset",
      },
      protocol: "base-to-novel",
      evaluation: { perClass: true },
    },
  },
  {
    label: "Train on one data set, measure on others",
    description:
      "Further data sets, each with its own classes, are measured with the trained adapter",
    body: {
      name: "${2:cross-dataset}",
      model,
      data: { dataset: "${3:imagenet}", root: "${4:./data}", template: "dataset" },
      evaluation: {
        targets: [
          { dataset: "${5:caltech101}", root: "${4:./data}" },
          { dataset: "${6:dtd}", root: "${4:./data}" },
        ],
      },
    },
  },
  {
    label: "Go on from an adapter",
    description:
      "Training starts from a PEFT adapter, whose rank, alpha and matrices must be given",
    body: {
      name: "${2:from-adapter}",
      model,
      data: { root: "${3:./images}" },
      lora: { init: "${4:./adapter}" },
      training: { steps: "^${5:500}" },
    },
  },
  {
    label: "Plain LoRA",
    description: "The baseline without a flat gradient: half the time of a GLAD step",
    body: {
      name: "${2:plain-lora}",
      model,
      data: { root: "${3:./images}" },
      glad: { alpha: 0 },
    },
  },
  {
    label: "Zero-shot accuracy alone",
    description: "No step is trained; CLIP is measured as it is",
    body: {
      name: "${2:zero-shot}",
      model,
      data: { root: "${3:./images}" },
      training: { steps: 0 },
      evaluation: { perClass: true, confusion: true },
    },
  },
];

/** Smaller pieces, offered where the value of a section is typed; keys are the settings' dotted names. */
export const pieces: Readonly<Record<string, readonly Recipe[]>> = {
  lora: [
    {
      label: "All matrices of both encoders",
      description: "q, k, v, o and the MLP, at a higher rank",
      body: { targets: ["q", "k", "v", "o", "fc1", "fc2"], rank: "^${1:8}", alpha: "^${2:1}" },
    },
    {
      label: "Image encoder alone",
      description: "The text encoder stays as it is",
      body: { encoder: "vision", rank: "^${1:2}" },
    },
  ],
  glad: [
    {
      label: "GLAD",
      description: "Half of the gradient from the flat region",
      body: { alpha: "^${1:0.5}", rho: "^${2:0.05}" },
    },
    { label: "Plain LoRA", description: "No perturbation", body: { alpha: 0 } },
    { label: "SAM", description: "The perturbed gradient alone", body: { alpha: 1 } },
    {
      label: "GLAD on every fifth step",
      description: "Most steps take the time of plain LoRA",
      body: { alpha: "^${1:0.5}", period: "^${2:5}" },
    },
  ],
  evaluation: [
    {
      label: "Curves and classes",
      description: "Accuracy during training, and of every class at the end",
      body: { every: "^${1:200}", perClass: true, confusion: true },
    },
  ],
  "evaluation.earlyStop": [
    {
      label: "Stop early",
      description: "When the validation accuracy no longer improves",
      body: { patience: "^${1:5}", minDelta: "^${2:0}" },
    },
  ],
  "evaluation.targets": [
    {
      label: "One more data set",
      description: "Its test images are measured, with its own classes",
      body: [{ dataset: "${1:caltech101}", root: "${2:./data}" }],
    },
  ],
};

/** The data sets that training knows by name. */
export const trainedNames = [
  "imagenet",
  "caltech101",
  "oxfordpets",
  "stanfordcars",
  "flowers102",
  "food101",
  "fgvcaircraft",
  "sun397",
  "dtd",
  "eurosat",
  "ucf101",
] as const;
/** Those that have test images only. */
export const testedNames = ["imagenetv2", "imagenet-sketch", "imagenet-a", "imagenet-r"] as const;

/** All of them, the trained ones first. */
export const dataSetNames: readonly string[] = [...trainedNames, ...testedNames];

/** Values worth proposing where any text is allowed. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  model: [
    "openai/clip-vit-base-patch16",
    "openai/clip-vit-base-patch32",
    "openai/clip-vit-large-patch14",
  ],
  device: ["auto", "cpu", "webgpu", "cuda", "cuda:0", "dml"],
  "data.dataset": ["folder", ...trainedNames],
  "data.template": ["a photo of a {}.", "dataset"],
  "evaluation.targets.dataset": ["folder", ...dataSetNames],
};
