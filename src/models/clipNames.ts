import type { ClipConfig, EncoderConfig } from "./types";

/**
 * Every tensor of a CLIP under transformers' names with its shape (a linear map's weight is [out, in]). It is what a
 * snapshot must hold, and the list from which other layouts are translated (openClipNames.ts).
 */
export function clipTensorShapes(config: ClipConfig): Map<string, number[]> {
  const { vision, text, projectionDim } = config;
  const { patchSize } = vision;
  const tokens = (vision.imageSize / patchSize) ** 2 + 1;
  return new Map([
    ["logit_scale", []],
    ["vision_model.embeddings.class_embedding", [vision.hiddenSize]],
    [
      "vision_model.embeddings.patch_embedding.weight",
      [vision.hiddenSize, 3, patchSize, patchSize],
    ],
    ["vision_model.embeddings.position_embedding.weight", [tokens, vision.hiddenSize]],
    // The misspelling is the published name.
    ...normShapes("vision_model.pre_layrnorm", vision.hiddenSize),
    ...encoderShapes("vision_model", vision),
    ...normShapes("vision_model.post_layernorm", vision.hiddenSize),
    ["visual_projection.weight", [projectionDim, vision.hiddenSize]],
    ["text_model.embeddings.token_embedding.weight", [text.vocabularySize, text.hiddenSize]],
    ["text_model.embeddings.position_embedding.weight", [text.contextLength, text.hiddenSize]],
    ...encoderShapes("text_model", text),
    ...normShapes("text_model.final_layer_norm", text.hiddenSize),
    ["text_projection.weight", [projectionDim, text.hiddenSize]],
  ]);
}

/** Tensors that older files hold beside the weights: the numbers 0, 1, 2, ..., which nobody needs. */
export function isPositionIds(name: string): boolean {
  return name.endsWith(".position_ids");
}

type Entry = [name: string, shape: number[]];

function encoderShapes(model: string, config: EncoderConfig): Entry[] {
  const { hiddenSize: width, intermediateSize: wide } = config;
  return Array.from({ length: config.layers }, (_, i) => `${model}.encoder.layers.${i}`).flatMap(
    (at) => [
      ...normShapes(`${at}.layer_norm1`, width),
      ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((name) =>
        linearShapes(`${at}.self_attn.${name}`, width, width),
      ),
      ...normShapes(`${at}.layer_norm2`, width),
      ...linearShapes(`${at}.mlp.fc1`, width, wide),
      ...linearShapes(`${at}.mlp.fc2`, wide, width),
    ],
  );
}

function linearShapes(at: string, inSize: number, outSize: number): Entry[] {
  return [
    [`${at}.weight`, [outSize, inSize]],
    [`${at}.bias`, [outSize]],
  ];
}

function normShapes(at: string, width: number): Entry[] {
  return [
    [`${at}.weight`, [width]],
    [`${at}.bias`, [width]],
  ];
}
