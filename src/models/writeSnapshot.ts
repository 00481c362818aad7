import { join } from "node:path";
import { InternalError } from "../util/errors";
import { writeAtomically } from "../util/writeAtomically";
import { clipTensorShapes } from "./clipNames";
import type { ClipConfig, EncoderConfig, NamedTensors, Snapshot } from "./types";
import { type TensorSource, tensorSources, writeTensorSources } from "./writeSafetensors";

/** The mean and standard deviation of OpenAI's CLIP. */
export const clipMean: [number, number, number] = [0.48145466, 0.4578275, 0.40821073];
export const clipStd: [number, number, number] = [0.26862954, 0.26130258, 0.27577711];

/**
 * Writes a CLIP as a snapshot folder in Hugging Face's layout, which transformers reads: config.json,
 * model.safetensors (float32), tokenizer.json, tokenizer_config.json, preprocessor_config.json. `tensors` carry
 * transformers' names; exactly the config's tensors must be there.
 */
export async function writeSnapshot(
  folder: string,
  config: ClipConfig,
  tensors: NamedTensors | readonly TensorSource[],
  tokenizerJson: unknown,
  preprocessor: Partial<Snapshot["preprocessor"]> = {},
): Promise<void> {
  const sources = tensors instanceof Map ? tensorSources(tensors) : (tensors as TensorSource[]);
  checkTensors(config, sources);
  const json = (name: string, value: unknown): Promise<void> =>
    writeAtomically(join(folder, name), (file) =>
      file.writeFile(`${JSON.stringify(value, null, 2)}\n`),
    );
  await json("config.json", configJson(config));
  await json("preprocessor_config.json", preprocessorJson(config, preprocessor));
  await json("tokenizer.json", tokenizerJson);
  await json("tokenizer_config.json", {
    bos_token: "<|startoftext|>",
    eos_token: "<|endoftext|>",
    model_max_length: config.text.contextLength,
    pad_token: "<|endoftext|>",
    tokenizer_class: "CLIPTokenizer",
    unk_token: "<|endoftext|>",
  });
  // Last, since a folder with weights looks complete.
  await writeTensorSources(join(folder, "model.safetensors"), sources, { format: "pt" });
}

function checkTensors(config: ClipConfig, sources: readonly TensorSource[]): void {
  const given = new Map(sources.map(({ name, shape }) => [name, shape.join(" x ")]));
  const expected = clipTensorShapes(config);
  for (const [name, shape] of expected) {
    if (given.get(name) !== shape.join(" x ")) {
      throw new InternalError(
        `snapshot tensor ${name}: [${given.get(name)}], not [${shape.join(" x ")}]`,
      );
    }
  }
  if (given.size !== expected.size) throw new InternalError("snapshot tensors: some are surplus");
}

function configJson(config: ClipConfig): unknown {
  const { vision, text, projectionDim } = config;
  return {
    architectures: ["CLIPModel"],
    logit_scale_init_value: 2.6592,
    model_type: "clip",
    projection_dim: projectionDim,
    text_config: {
      ...encoderJson(text),
      eos_token_id: text.endOfText.by === "id" ? text.endOfText.id : 2,
      max_position_embeddings: text.contextLength,
      model_type: "clip_text_model",
      projection_dim: projectionDim,
      vocab_size: text.vocabularySize,
    },
    vision_config: {
      ...encoderJson(vision),
      image_size: vision.imageSize,
      model_type: "clip_vision_model",
      num_channels: 3,
      patch_size: vision.patchSize,
      projection_dim: projectionDim,
    },
  };
}

function encoderJson(config: EncoderConfig): Record<string, unknown> {
  return {
    hidden_act: config.activation,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    layer_norm_eps: config.layerNormEps,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
  };
}

function preprocessorJson(
  { vision }: ClipConfig,
  { size, cropSize, mean, std }: Partial<Snapshot["preprocessor"]>,
): unknown {
  return {
    crop_size: { height: cropSize ?? vision.imageSize, width: cropSize ?? vision.imageSize },
    do_center_crop: true,
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: mean ?? clipMean,
    image_processor_type: "CLIPImageProcessor",
    image_std: std ?? clipStd,
    resample: 3,
    rescale_factor: 1 / 255,
    size: { shortest_edge: size ?? vision.imageSize },
  };
}
