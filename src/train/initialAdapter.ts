import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { LoraSpec } from "../models/lora";
import { adapterSpec, readAdapter } from "../models/peft";
import type { ClipConfig } from "../models/types";
import type { Config } from "../protocol/config";
import { UserError } from "../util/errors";

/** What must be equal for the adapter's values to mean the same in the run; dropout may differ. */
const settings = ["encoder", "targets", "layers", "rank", "alpha", "scaling"] as const;

/** Refuses a `lora.init` that does not fit the model, or that `lora` describes otherwise than it is. */
export async function checkInitialAdapter(lora: Config["lora"], clip: ClipConfig): Promise<void> {
  const { init } = lora;
  if (init === null) return;
  const found = comparable(adapterSpec(await readAdapter(init), clip, init), clip);
  const wanted = comparable(lora, clip);
  const wrong = settings.filter((name) => found[name] !== wanted[name]);
  if (wrong.length === 0) return;
  const differences = wrong.map((name) => `lora.${name} is ${wanted[name]} and not ${found[name]}`);
  const mended = wrong.map((name) => `--set lora.${name}=${found[name].replaceAll('"', '\\"')}`);
  throw new UserError(
    `lora.init: the adapter in ${init} was made with other settings (${differences.join("; ")}); ` +
      `use its own: ${mended.join(" ")}`,
  );
}

/** Copies the files of a PEFT adapter, so that a run does not depend on what becomes of them. */
export function copyAdapter(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from))
    if (/^adapter_(config\.json|model\.safetensors)$/.test(name))
      copyFileSync(join(from, name), join(to, name));
}

/** The settings as JSON, the same text for the same choice. */
function comparable(
  lora: Pick<LoraSpec, (typeof settings)[number]>,
  clip: ClipConfig,
): Record<(typeof settings)[number], string> {
  const order = ["q", "k", "v", "o", "fc1", "fc2"] as const;
  const encoders = (["vision", "text"] as const).filter(
    (name) => lora.encoder === "both" || lora.encoder === name,
  );
  const depth = Math.max(...encoders.map((name) => clip[name].layers));
  const all = [...Array(depth).keys()];
  const layers = all.filter((layer) => lora.layers === "all" || lora.layers.includes(layer));
  const { encoder, rank, alpha, scaling } = lora;
  const json = {
    encoder,
    targets: order.filter((target) => lora.targets.includes(target)),
    layers: layers.length === depth ? "all" : layers,
    rank,
    alpha,
    scaling,
  };
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, JSON.stringify(value)]),
  ) as Record<(typeof settings)[number], string>;
}
