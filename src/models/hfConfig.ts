import { UserError } from "../util/errors";
import { Fields } from "./fields";
import type { ClipConfig, EncoderConfig, Snapshot, TextConfig } from "./types";
import { clipMean, clipStd } from "./writeSnapshot";

/** Reading of transformers' config.json and preprocessor_config.json of a CLIP. */

/** The model_type of a config.json, or null where it has none. */
export function modelTypeOf(json: unknown): string | null {
  const type = (json as { model_type?: unknown } | null)?.model_type;
  return typeof type === "string" ? type : null;
}

/** The architecture that a config.json describes, with transformers' defaults where it is silent. */
export function parseHfConfig(json: unknown, file: string): ClipConfig {
  const type = modelTypeOf(json);
  if (type !== "clip") {
    const found = type === null ? "no model_type" : `the model_type "${type}"`;
    throw new UserError(
      `${file}: has ${found}, but only CLIP with a vision transformer (model_type "clip") can be adapted; choose another model`,
    );
  }
  const fields = Fields.of(json, file);
  const text = encoderFields(fields, "text_config");
  const vision = encoderFields(fields, "vision_config");
  if (vision.size("num_channels", 3) !== 3) vision.fail("num_channels", "3");
  const imageSize = vision.square("image_size", 224);
  const patchSize = vision.square("patch_size", 32);
  if (imageSize % patchSize !== 0) {
    vision.fail("image_size", `a multiple of the patch_size ${patchSize}`);
  }
  return {
    vision: { ...encoderConfig(vision, [768, 3072, 12]), imageSize, patchSize },
    text: {
      ...encoderConfig(text, [512, 2048, 8]),
      vocabularySize: text.size("vocab_size", 49408),
      contextLength: text.size("max_position_embeddings", 77),
      endOfText: endOfText(text),
    },
    projectionDim: fields.size("projection_dim", 512),
  };
}

/**
 * One encoder's settings. Old files hold them a second time as text_config_dict and vision_config_dict, and where these
 * are not null transformers lets them win, their defaults included.
 */
function encoderFields(fields: Fields, key: "text_config" | "vision_config"): Fields {
  return fields.has(`${key}_dict`) ? fields.inner(`${key}_dict`) : fields.inner(key);
}

/** Far above any CLIP's, and few enough for the list of the tensors that it would have. */
export const mostLayers = 1000;

function encoderConfig(
  fields: Fields,
  [hidden, intermediate, headCount]: [number, number, number],
): EncoderConfig {
  const hiddenSize = fields.size("hidden_size", hidden);
  const heads = fields.size("num_attention_heads", headCount);
  if (hiddenSize % heads !== 0) {
    fields.fail("num_attention_heads", `a divisor of the hidden_size ${hiddenSize}`);
  }
  const activation = fields.text("hidden_act", "quick_gelu");
  if (activation !== "quick_gelu" && activation !== "gelu") {
    fields.fail("hidden_act", '"quick_gelu" or "gelu"');
  }
  return {
    hiddenSize,
    intermediateSize: fields.size("intermediate_size", intermediate),
    layers: fields.size("num_hidden_layers", 12, mostLayers),
    heads,
    layerNormEps: fields.positive("layer_norm_eps", 1e-5),
    activation: activation,
  };
}

/** OpenAI's first files say 2, which is wrong; transformers then takes the highest id, as OpenAI's code does. */
function endOfText(text: Fields): TextConfig["endOfText"] {
  const id = text.json["eos_token_id"] ?? 49407;
  if (!Number.isSafeInteger(id) || (id as number) < 0) text.fail("eos_token_id", "one token id");
  return id === 2 ? { by: "highest-id" } : { by: "id", id: id as number };
}

/**
 * What is done to an image before the encoder, from preprocessor_config.json (or the image_processor of
 * processor_config.json). `json` null means that there is no such file: then CLIP's own values hold.
 */
export function parseHfPreprocessor(
  json: unknown,
  file: string,
  imageSize: number,
): Snapshot["preprocessor"] {
  const fields = Fields.of(json ?? {}, file);
  if (fields.has("resample") && fields.json["resample"] !== 3) {
    fields.fail("resample", "3 (bicubic), the only resampling that is supported");
  }
  for (const key of ["do_resize", "do_center_crop", "do_rescale", "do_normalize"]) {
    if (!fields.flag(key, true)) fields.fail(key, "true, as CLIP's images are prepared");
  }
  const factor = fields.positive("rescale_factor", 1 / 255);
  if (Math.abs(factor * 255 - 1) > 1e-6) fields.fail("rescale_factor", "1/255");
  const cropSize = side(fields, "crop_size", ["height", "width"], imageSize);
  if (cropSize !== imageSize) fields.fail("crop_size", `the image_size ${imageSize} of the model`);
  const size = side(fields, "size", ["shortest_edge"], imageSize);
  if (size < cropSize) fields.fail("size", `at least the crop_size ${cropSize}`);
  return {
    size,
    cropSize,
    oddMargin: "down",
    mean: fields.colours("image_mean", clipMean),
    std: fields.colours("image_std", clipStd),
  };
}

/** A length that is written as a number or as an object with these keys, which must agree. */
function side(fields: Fields, key: string, keys: readonly string[], fallback: number): number {
  const value = fields.json[key];
  if (typeof value !== "object" || value === null) return fields.size(key, fallback);
  const inner = fields.inner(key);
  const sides = keys.map((name) => inner.size(name, 0));
  if (sides.some((other) => other !== sides[0])) fields.fail(key, "a square");
  return sides[0]!;
}
