/**
 * What settings are called elsewhere (PEFT, Transformers, open_clip, CoOp, CLIP-LoRA), by our names. Case, dashes and underscores do not
 * count.
 */
const same: Readonly<Record<string, readonly string[]>> = {
  model: [
    ...["backbone", "arch", "architecture", "model_name", "model_id", "base_model"],
    ...["model_name_or_path", "base_model_name_or_path"],
  ],
  "data.root": ["images", "image_dir", "data_dir", "data_path", "train_data", "path"],
  "data.shots": ["num_shots", "n_shots", "k_shot"],
  "data.template": ["prompt", "prompt_template"],
  "lora.rank": ["r", "lora_r"],
  "lora.alpha": ["lora_alpha"],
  "lora.dropout": ["lora_dropout", "dropout_rate"],
  "lora.targets": ["target_modules", "lora_target_modules", "modules"],
  "lora.layers": ["layers_to_transform"],
  "optimizer.learningRate": ["lr", "base_lr", "max_lr"],
  "optimizer.minLearningRate": ["min_lr", "lr_min", "eta_min"],
  "optimizer.epsilon": ["eps", "adam_epsilon"],
  "optimizer.weightDecay": ["wd"],
  "optimizer.warmupSteps": ["warmup"],
  "optimizer.clipNorm": ["grad_clip_norm", "max_grad_norm", "gradient_clip_val"],
  "training.steps": ["iterations", "iters", "max_steps", "num_steps", "max_iters"],
  "training.batchSize": ["bs", "per_device_train_batch_size"],
  "evaluation.every": ["eval_every", "eval_steps", "eval_freq", "eval_interval"],
  "checkpoints.every": ["save_every", "save_steps", "save_freq", "save_interval"],
  "checkpoints.keepLast": ["save_total_limit"],
  output: ["out_dir", "save_dir"],
};

/** What has other values than ours: three epochs are no three steps, and CLIP-LoRA's `n_iters` are those of each shot. */
const related: Readonly<Record<string, readonly string[]>> = {
  model: ["pretrained"],
  "lora.scaling": ["use_rslora"],
  "optimizer.betas": ["beta1", "beta2"],
  "training.steps": ["epochs", "epoch", "num_epochs", "max_epochs", "num_train_epochs", "n_iters"],
  "training.microBatchSize": ["gradient_accumulation_steps", "accum_freq"],
  "training.precision": ["amp", "fp16", "dtype"],
  device: ["gpu", "gpu_id"],
};

/** Values by what they are called elsewhere, as PEFT's names of CLIP's matrices. */
const otherValues: Readonly<Record<string, string>> = {
  ...{ q_proj: "q", k_proj: "k", v_proj: "v", out_proj: "o", o_proj: "o" },
  ...{ c_fc: "fc1", c_proj: "fc2" },
  ...{ fp16: "float16", fp32: "float32" },
};

/** A setting as it is meant by a word. */
interface Called {
  name: string;
  /** Whether its values are the same. */
  isSame: boolean;
}

/** All words with what they mean. */
export function otherWords(): (Called & { word: string })[] {
  const listed = (names: typeof same, isSame: boolean) =>
    Object.entries(names).flatMap(([name, words]) => words.map((word) => ({ word, name, isSame })));
  return [...listed(same, true), ...listed(related, false)];
}

const byWord = new Map(otherWords().map(({ word, ...called }) => [plain(word), called]));

/** The setting that is called by a word elsewhere; null where none is. */
export function settingCalled(word: string): Called | null {
  return byWord.get(plain(word)) ?? null;
}

/** The value that is called by a word elsewhere; null where none is. */
export function valueCalled(word: string): string | null {
  return Object.hasOwn(otherValues, word) ? otherValues[word]! : null;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, "");
}
