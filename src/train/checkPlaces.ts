import { type LoraSpec, loraSites } from "../models/lora";
import type { Snapshot } from "../models/types";
import { UserError } from "../util/errors";

/** Refuses adapters that a model has no place for: blocks that it lacks, a rank above that of an adapted matrix. */
export function checkPlaces(
  { folder, config }: Pick<Snapshot, "folder" | "config">,
  lora: LoraSpec,
): void {
  checkLayers(folder, config, lora);
  const smallest = loraSites(config, lora)
    .map(({ inSize, outSize, name }) => ({ name, side: Math.min(inSize, outSize) }))
    .reduce((least, site) => (site.side < least.side ? site : least));
  if (lora.rank > smallest.side)
    throw new UserError(
      `lora.rank is ${lora.rank}, but ${smallest.name} of ${folder} has rank ${smallest.side} at most; ` +
        `set it to ${smallest.side} or less (usual are 2 to 16)`,
    );
}

/** A layer that no chosen encoder has would silently adapt nothing. */
function checkLayers(
  folder: string,
  config: Snapshot["config"],
  { layers, encoder }: LoraSpec,
): void {
  if (layers === "all") return;
  const depth = Math.max(
    ...(["vision", "text"] as const)
      .filter((name) => encoder === "both" || encoder === name)
      .map((name) => config[name].layers),
  );
  const beyond = layers.filter((layer) => layer >= depth);
  if (beyond.length > 0)
    throw new UserError(
      `lora.layers names block ${beyond.join(", ")}, but the ${encoder === "both" ? "encoders" : `${encoder} encoder`} of ` +
        `${folder} ${encoder === "both" ? "have" : "has"} blocks 0 to ${depth - 1}; name blocks that exist, or "all"`,
    );
}
