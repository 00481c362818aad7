import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../util/errors";
import { clipTensorShapes, isPositionIds } from "./clipNames";
import { modelTypeOf, parseHfConfig, parseHfPreprocessor } from "./hfConfig";
import { parseOpenClipConfig } from "./openClipConfig";
import { fromOpenClipTensors, openClipShapes } from "./openClipNames";
import { readFloat32 } from "./safetensors";
import type { Snapshot, StoredTensor } from "./types";
import { checkTensors, hasWeights, optionalJson, readWeights } from "./weightFiles";

export const hfWeights = "model.safetensors";
export const openClipWeights = "open_clip_model.safetensors";
export const openClipConfigFile = "open_clip_config.json";

/** What a model folder may hold beside its weights: settings and tokenizer. */
export const smallFiles = [
  "config.json",
  openClipConfigFile,
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "vocab.json",
  "merges.txt",
];

/**
 * Opens a CLIP that lies in a folder, in Hugging Face's layout or in OpenCLIP's: reads its settings and the headers of
 * its weights, and checks that they fit. The weights themselves are not read. Throws a UserError that says what is
 * missing or wrong.
 */
export async function openSnapshot(folder: string): Promise<Snapshot> {
  const root = resolve(folder);
  if (!existsSync(root)) {
    throw new UserError(`${folder}: there is no such model folder; check the path`);
  }
  if (!statSync(root).isDirectory()) {
    throw new UserError(`${folder}: is a file; name the folder that holds the model`);
  }
  return snapshotLayout(root) === "OpenCLIP" ? openOpenClip(root) : openHuggingFace(root);
}

/**
 * In whose layout a folder holds a CLIP. Where both are there (as LAION publishes), Hugging Face's is taken; `weights`
 * says whether its weights are at hand.
 */
export function snapshotLayout(
  folder: string,
  weights = hasWeights(folder, hfWeights),
): "Hugging Face" | "OpenCLIP" {
  if (!existsSync(join(folder, openClipConfigFile))) return "Hugging Face";
  // timm's repositories have a config.json and a model.safetensors of the image encoder alone.
  const isClip = modelTypeOf(optionalJson(join(folder, "config.json"))) === "clip";
  return isClip && weights ? "Hugging Face" : "OpenCLIP";
}

async function openHuggingFace(folder: string): Promise<Snapshot> {
  const configFile = join(folder, "config.json");
  const json = optionalJson(configFile);
  if (json === null) {
    throw new UserError(
      `${folder}: holds no config.json, so it is no model folder; name the folder of a CLIP in Hugging Face's or OpenCLIP's layout`,
    );
  }
  const config = parseHfConfig(json, configFile);
  const file = requireWeights(folder, hfWeights);
  const stored = await readWeights(folder, hfWeights);
  const tensors = new Map([...stored].filter(([name]) => !isPositionIds(name)));
  checkTensors(tensors, clipTensorShapes(config), file);
  return {
    folder,
    config,
    tensors,
    logitScale: await logitScaleOf(tensors),
    preprocessor: readPreprocessor(folder, config.vision.imageSize),
  };
}

function readPreprocessor(folder: string, imageSize: number): Snapshot["preprocessor"] {
  const own = join(folder, "preprocessor_config.json");
  const json = optionalJson(own);
  if (json !== null) return parseHfPreprocessor(json, own, imageSize);
  // transformers 5 writes it as a part of this file.
  const shared = join(folder, "processor_config.json");
  const part = (optionalJson(shared) as { image_processor?: unknown } | null)?.image_processor;
  return parseHfPreprocessor(part ?? null, shared, imageSize);
}

async function openOpenClip(folder: string): Promise<Snapshot> {
  const configFile = join(folder, openClipConfigFile);
  const described = parseOpenClipConfig(optionalJson(configFile), configFile);
  const { config, preprocessor, textPrefix } = described;
  const file = requireWeights(folder, openClipWeights);
  const expected = clipTensorShapes(config);
  const stored = withoutPrefix(await readWeights(folder, openClipWeights), textPrefix);
  checkTensors(stored, openClipShapes(expected), file);
  const tensors = fromOpenClipTensors(stored, expected.keys());
  const logitScale = await logitScaleOf(tensors);
  return { folder, config, tensors, logitScale, preprocessor };
}

/** OpenCLIP's tensors as if the text encoder had no prefix, without the mask that some files hold. */
function withoutPrefix(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
): Map<string, StoredTensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name !== `${prefix}attn_mask`)
      .map(([name, stored]) => [
        name.startsWith(prefix) ? name.slice(prefix.length) : name,
        stored,
      ]),
  );
}

/** The weights' path; where they lie in another format only, a UserError says so. */
function requireWeights(folder: string, name: string): string {
  if (hasWeights(folder, name)) return join(folder, name);
  const others = ["pytorch_model.bin", "open_clip_pytorch_model.bin", "tf_model.h5"];
  const found = others.find((other) => existsSync(join(folder, other)));
  const only = found === undefined ? "" : ` but only ${found}, which cannot be read`;
  throw new UserError(
    `${folder}: holds no ${name}${only}; download the model with \`glad model pull\` or save it as safetensors`,
  );
}

async function logitScaleOf(tensors: ReadonlyMap<string, StoredTensor>): Promise<number> {
  const stored = tensors.get("logit_scale")!;
  const [logarithm] = await readFloat32(stored);
  const scale = Math.exp(logarithm!);
  // Graphs hold it in float32.
  if (Number.isFinite(logarithm) && Number.isFinite(Math.fround(scale))) return scale;
  throw new UserError(
    `${stored.file}: "logit_scale" is ${logarithm}, expected a logarithm such as CLIP's 4.6; the file is damaged, so get the model again, e.g. with \`glad model pull\``,
  );
}
