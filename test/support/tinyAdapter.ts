import { loraSites, parameterLayout } from "../../src/models/lora";
import { namedTheta } from "../../src/models/loraNames";
import { writeAdapter } from "../../src/models/peft";
import { randomValues } from "./random";
import { tinyClipConfig } from "./tinyClip";

/** Other settings than any default. */
export const adapterSpec = {
  encoder: "vision" as const,
  targets: ["q", "fc1"] as const,
  layers: [1],
  rank: 3,
  alpha: 6,
  scaling: "lora" as const,
  dropout: 0.1,
};

/** Writes an adapter of a CLIP with `adapterSpec` and random values, which it returns. */
export async function writeTinyAdapter(
  folder: string,
  clip = tinyClipConfig(),
): Promise<Float32Array> {
  const layout = parameterLayout(loraSites(clip, adapterSpec), adapterSpec.rank);
  const count = layout.reduce((sum, { size }) => sum + size, 0);
  const theta = Float32Array.from(randomValues(count, 8));
  await writeAdapter(folder, namedTheta(layout, theta), adapterSpec, "somewhere/clip");
  return theta;
}
