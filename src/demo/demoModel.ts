import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeSnapshot } from "../models/writeSnapshot";
import { writeAtomically } from "../util/writeAtomically";
import { demoClipConfig, demoTokenizer } from "./demoClip";
import { pretrain, type PretrainOptions, type PretrainProgress } from "./pretrain";
import { namedWeights, weightLayout } from "./weights";

/** The folder of the demo's CLIP, which comes with the program. */
export function demoModelFolder(): string {
  // The bundles lie in dist, this source in src/demo.
  const beside = join(__dirname, "../media/demo");
  return existsSync(beside) ? beside : join(__dirname, "../../media/demo");
}

/** How the demo's CLIP was pre-trained. */
export const demoPretraining: PretrainOptions = {
  config: demoClipConfig,
  seed: 1,
  pictures: 25_600,
  batch: 128,
  steps: 4000,
  learningRate: 1.5e-3,
  weightDecay: 0.05,
  warmupSteps: 100,
  threads: 2,
};

/** Pre-trains a CLIP, writes it as a snapshot to `folder`, and its log beside as `pretrain.log`. */
export async function writeDemoModel(
  folder: string,
  options: PretrainOptions,
  every: number,
  print: (line: string) => void,
): Promise<void> {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
    print(line);
  };
  const { config, ...rest } = options;
  const layout = weightLayout(config);
  const parameters = layout.reduce((sum, { size }) => sum + size, 0);
  say(`${parameters} weights; ${JSON.stringify(rest)}`);
  const started = Date.now();
  const weights = await pretrain(options, every, (progress) => {
    say(`${progressLine(progress)}  ${Math.round((Date.now() - started) / 1000)} s`);
  });
  await writeSnapshot(folder, config, namedWeights(layout, weights), demoTokenizer);
  await writeAtomically(join(folder, "pretrain.log"), (file) =>
    file.writeFile(lines.join("\n") + "\n"),
  );
}

function progressLine(progress: PretrainProgress): string {
  const { step, loss, hits, logitScale, learningRate } = progress;
  return [
    `step ${String(step).padStart(5)}`,
    `loss ${loss.toFixed(4)}`,
    `hits ${(100 * hits).toFixed(1).padStart(4)}%`,
    `scale ${logitScale.toFixed(2)}`,
    `lr ${learningRate.toExponential(2)}`,
  ].join("  ");
}
