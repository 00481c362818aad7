import { existsSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../util/makeFolder";
import { asOpenClip, mergedWeights } from "./mergeAdapter";
import { parseOpenClipConfig } from "./openClipConfig";
import type { Adapter } from "./peft";
import { writeTensorSources } from "./safetensors";
import {
  hfWeights,
  openClipConfigFile,
  openClipWeights,
  smallFiles,
  snapshotLayout,
} from "./snapshot";
import type { Snapshot } from "./types";
import { optionalJson } from "./weightFiles";

/** OpenAI's file of merges, which a folder may hold in place of a tokenizer.json. */
const merges = "bpe_simple_vocab_16e6.txt.gz";

/**
 * Writes a CLIP with an adapter merged into its weights as a model folder of the snapshot's own layout: a copy of its settings and
 * tokenizer, and float32 weights in one file. Weights that were of half precision take twice the room, for the sums need it.
 */
export async function writeMergedSnapshot(
  folder: string,
  snapshot: Snapshot,
  adapter: Adapter,
): Promise<void> {
  await makeFolder(folder);
  const isOpenClip = snapshotLayout(snapshot.folder) === "OpenCLIP";
  // The other layout's settings would make the folder look like something that it has no weights for.
  const foreign = isOpenClip ? "config.json" : openClipConfigFile;
  for (const name of [...smallFiles, merges]) {
    const source = join(snapshot.folder, name);
    if (name === foreign || !existsSync(source)) continue;
    if (name === "config.json")
      await writeFile(join(folder, name), asFloat32(await readFile(source, "utf8")));
    else await copyFile(source, join(folder, name));
  }
  const sources = mergedWeights(snapshot, adapter);
  if (!isOpenClip) return writeTensorSources(join(folder, hfWeights), sources, { format: "pt" });
  const settings = join(snapshot.folder, openClipConfigFile);
  const { textPrefix } = parseOpenClipConfig(optionalJson(settings), settings);
  return writeTensorSources(join(folder, openClipWeights), asOpenClip(sources, textPrefix), {
    format: "pt",
  });
}

/**
 * The settings' text, which no longer says that weights are of half precision: transformers would round them to that. All else stays
 * to the letter, because transformers takes no 1 where the original has 1.0.
 */
function asFloat32(text: string): string {
  return text.replace(/("(?:torch_)?dtype"\s*:\s*)"[^"]*"/g, '$1"float32"');
}
