import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { LoraSpec } from "../models/lora";
import { adapterSpec, readAdapter } from "../models/peft";
import type { ClipConfig } from "../models/types";
import type { Config } from "../protocol/config";
import { UserError } from "../util/errors";

type Lora = Config["lora"];

/** What must be equal for the adapter's values to mean the same in the run; dropout may differ. */
const settings = ["encoder", "targets", "layers", "rank", "alpha", "scaling"] as const;

/** Settings contradict the adapter that training starts from; `settings` are their dotted names. */
export class AdapterError extends UserError {
  constructor(
    message: string,
    readonly settings: readonly string[],
  ) {
    super(message);
  }
}

export interface AdoptedAdapter {
  /** The run's `lora`. */
  lora: Lora;
  /** What the user should know: a sentence. */
  notes: string[];
}

/**
 * The `lora` of a run that starts from the adapter of `lora.init`: its rank, alpha, scaling and places stand for what the
 * configuration leaves out. `given` names the settings that it does not leave out (by default all); one that contradicts
 * the adapter, or an adapter that does not fit the model, is a UserError.
 */
export async function adoptAdapter(
  lora: Lora,
  clip: ClipConfig,
  given?: ReadonlySet<string>,
): Promise<AdoptedAdapter> {
  const { init } = lora;
  if (init === null) return { lora, notes: [] };
  const { encoder, targets, layers, rank, alpha, scaling } = adapterSpec(
    await readAdapter(init),
    clip,
    init,
  );
  const own = {
    ...{ encoder, rank, alpha, scaling, targets: [...targets] },
    layers: layers === "all" ? layers : [...layers],
  };
  const found = comparable(own, clip);
  const wanted = comparable(lora, clip);
  const different = settings.filter((name) => found[name] !== wanted[name]);
  const wrong = different.filter((name) => given?.has(`lora.${name}`) ?? true);
  if (wrong.length > 0) {
    const said = wrong.map((name) => `lora.${name} is ${wanted[name]} and there ${found[name]}`);
    throw new AdapterError(
      `lora.init: the adapter in ${init} was made with other settings than the configuration has (${said.join("; ")}); ` +
        "leave them out to take the adapter's, or name an adapter that was made with these",
      wrong.map((name) => `lora.${name}`),
    );
  }
  const taken = different.map((name) => `lora.${name} ${found[name]}`);
  return {
    lora: { ...lora, ...own },
    notes: taken.length > 0 ? [`Taken over from the adapter in ${init}: ${taken.join(", ")}.`] : [],
  };
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
