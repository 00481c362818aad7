import { type Config, configSchema } from "../protocol/config";
import { drawingsName } from "./accuracy";
import type { TaskFolders } from "./task";

/** A way to train, as the demo compares them: all but glad.alpha is equal. */
export interface Method {
  name: string;
  /** Part of the names of its runs. */
  slug: string;
  /** Weight of the SAM gradient. */
  alpha: number;
}

export const methods: readonly Method[] = [
  { name: "plain LoRA", slug: "lora", alpha: 0 },
  { name: "SAM", slug: "sam", alpha: 1 },
  { name: "GLAD", slug: "glad", alpha: 0.5 },
];

/** What is the same in all runs of a demo. */
export interface DemoSetting {
  model: string;
  /** Image folders: photos are trained and measured on, drawings measured. */
  folders: TaskFolders;
  /** Folder of the run folders' folder. */
  output: string;
  steps: number;
}

/** The ordinary configuration of one of the demo's runs. */
export function demoConfig(setting: DemoSetting, { slug, alpha }: Method, seed: number): Config {
  const { model, folders, output, steps } = setting;
  return configSchema.parse({
    name: `demo-${slug}-seed${seed}`,
    model,
    output,
    seed,
    protocol: "base-to-novel",
    data: { root: folders.photos, dataset: "folder", shots: 16 },
    glad: { alpha },
    // A small model on few steps wants a larger rate than CLIP's.
    optimizer: { learningRate: 4e-3 },
    // Random crops would cut the small things out of these small pictures.
    training: { steps, augment: false },
    evaluation: { targets: [{ root: folders.drawings, name: drawingsName }] },
    checkpoints: { every: 0, keepLast: 1, keepBest: false },
    device: "cpu",
    // Graphs this small gain little from a second thread; the demo makes several runs at once instead.
    threads: 1,
  });
}
