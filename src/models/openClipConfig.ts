import { UserError } from "../util/errors";
import { Fields } from "./fields";
import { mostLayers } from "./hfConfig";
import type { ClipConfig, EncoderConfig, Snapshot, TextConfig } from "./types";
import { clipMean, clipStd } from "./writeSnapshot";

/** What an open_clip_config.json says. */
export interface OpenClipConfig {
  config: ClipConfig;
  preprocessor: Snapshot["preprocessor"];
  /** What stands before the names of the text encoder's tensors. */
  textPrefix: "" | "text.";
}

/**
 * Settings of OpenCLIP that change the architecture, with the values that leave CLIP as it is; any other value is
 * refused. `null` stands for absent.
 */
const neutral: Record<string, Record<string, readonly unknown[]>> = {
  model_cfg: {
    multimodal_cfg: [null],
    init_logit_bias: [null],
    nonscalar_logit_scale: [null, false],
  },
  vision_cfg: {
    ls_init_value: [null],
    attentional_pool: [null, false],
    no_ln_pre: [null, false],
    pos_embed_type: [null, "learnable"],
    final_ln_after_pool: [null, false],
    pool_type: [null, "tok"],
    global_average_pool: [null, false],
    input_patchnorm: [null, false],
    act_kwargs: [null],
    timm_model_name: [null],
    hf_model_name: [null],
    block_type: [null, "default"],
    qk_norm: [null, false],
    scaled_cosine_attn: [null, false],
    scale_heads: [null, false],
    scale_attn_inner: [null, false],
    scale_attn: [null, false],
    scale_fc: [null, false],
  },
  text_cfg: {
    ls_init_value: [null],
    embed_cls: [null, false],
    no_causal_mask: [null, false],
    final_ln_after_pool: [null, false],
    pool_type: [null, "argmax", "eos"],
    proj_bias: [null, false],
    proj_type: [null, "linear"],
    act_kwargs: [null],
    hf_model_name: [null],
    block_type: [null, "default"],
    qk_norm: [null, false],
    scaled_cosine_attn: [null, false],
    scale_heads: [null, false],
    scale_attn_inner: [null, false],
    scale_attn: [null, false],
    scale_fc: [null, false],
  },
  preprocess_cfg: {
    mode: [null, "RGB"],
    interpolation: [null, "bicubic"],
    resize_mode: [null, "shortest"],
  },
};

/** Reads OpenCLIP's description of a CLIP with two plain transformers. Any other of its models is a UserError. */
export function parseOpenClipConfig(json: unknown, file: string): OpenClipConfig {
  const all = Fields.of(json, file);
  if (!all.has("model_cfg")) all.fail("model_cfg", "OpenCLIP's description of the model");
  const model = all.inner("model_cfg");
  const vision = model.inner("vision_cfg");
  const text = model.inner("text_cfg");
  const preprocess = all.inner("preprocess_cfg");
  if (Array.isArray(vision.json["layers"])) {
    throw new UserError(
      `${file}: describes a ResNet, but only CLIP with a vision transformer can be adapted; choose another model`,
    );
  }
  refuse(
    { model_cfg: model, vision_cfg: vision, text_cfg: text, preprocess_cfg: preprocess },
    file,
  );
  const activation = model.flag("quick_gelu", false) ? "quick_gelu" : "gelu";
  const imageSize = vision.square("image_size", 224);
  const patchSize = vision.square("patch_size", 16);
  if (imageSize % patchSize !== 0) {
    vision.fail("image_size", `a multiple of the patch_size ${patchSize}`);
  }
  const width = vision.size("width", 768);
  return {
    config: {
      vision: {
        ...encoder(vision, activation, width, width / vision.size("head_width", 64)),
        imageSize,
        patchSize,
      },
      text: {
        ...encoder(text, activation, text.size("width", 512), text.size("heads", 8)),
        vocabularySize: text.size("vocab_size", 49408),
        contextLength: text.size("context_length", 77),
        endOfText: endOfText(text),
      },
      projectionDim: model.size("embed_dim", 512),
    },
    preprocessor: {
      size: imageSize,
      cropSize: imageSize,
      oddMargin: "even",
      mean: preprocess.colours("mean", clipMean),
      std: preprocess.colours("std", clipStd),
    },
    textPrefix: model.flag("custom_text", false) ? "text." : "",
  };
}

function encoder(
  fields: Fields,
  activation: EncoderConfig["activation"],
  width: number,
  heads: number,
): EncoderConfig {
  if (!Number.isInteger(heads) || width % heads !== 0) {
    fields.fail("width", "a whole number of attention heads");
  }
  return {
    hiddenSize: width,
    // OpenCLIP cuts the product to an integer.
    intermediateSize: Math.floor(width * fields.positive("mlp_ratio", 4)),
    layers: fields.size("layers", 12, mostLayers),
    heads,
    layerNormEps: fields.inner("norm_kwargs").positive("eps", 1e-5),
    activation,
  };
}

function endOfText(text: Fields): TextConfig["endOfText"] {
  if (text.text("pool_type", "argmax") !== "eos") return { by: "highest-id" };
  return { by: "id", id: text.size("eos_id", 49407) };
}

function refuse(sections: Record<string, Fields>, file: string): void {
  for (const [section, fields] of Object.entries(sections)) {
    for (const [key, allowed] of Object.entries(neutral[section] ?? {})) {
      const value = fields.json[key] ?? null;
      if (allowed.includes(value) || isEmptyObject(value)) continue;
      throw new UserError(
        `${file}: "${section}.${key}" is ${JSON.stringify(value).slice(0, 60)}, which makes another architecture than CLIP's two plain transformers; choose another model`,
      );
    }
  }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
