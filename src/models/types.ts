/** One encoder of a CLIP, in transformers' terms. */
export interface EncoderConfig {
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  layerNormEps: number;
  activation: "quick_gelu" | "gelu";
}

export interface VisionConfig extends EncoderConfig {
  imageSize: number;
  patchSize: number;
}

export interface TextConfig extends EncoderConfig {
  vocabularySize: number;
  contextLength: number;
  /** How the end-of-text position is found: the highest token id (OpenAI's files say eos_token_id 2), or the first occurrence of an id. */
  endOfText: { by: "highest-id" } | { by: "id"; id: number };
}

export interface ClipConfig {
  vision: VisionConfig;
  text: TextConfig;
  projectionDim: number;
}

/** Element types that a safetensors file may hold; weights are of the first three. */
export type StoredDType =
  | "float32"
  | "float16"
  | "bfloat16"
  | "float64"
  | "float8_e4m3"
  | "float8_e5m2"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint64"
  | "uint32"
  | "uint16"
  | "uint8"
  | "bool";

/** Where a stored tensor's bytes lie. `offset` and `length` are in bytes from the start of the file. */
export interface StoredTensor {
  /** Absolute path of the safetensors file, links resolved (Hugging Face's cache is made of links). */
  file: string;
  offset: number;
  length: number;
  shape: number[];
  dtype: StoredDType;
  /** The file holds the transpose of what transformers names so; `shape` is the file's (OpenCLIP's projections). */
  transposed?: boolean;
}

/** A CLIP on disk. Tensors carry transformers' names, e.g. `text_model.encoder.layers.0.self_attn.q_proj.weight`. */
export interface Snapshot {
  folder: string;
  config: ClipConfig;
  tensors: Map<string, StoredTensor>;
  /** exp(logit_scale), 100 for OpenAI's weights. */
  logitScale: number;
  preprocessor: {
    size: number;
    cropSize: number;
    /** How the half pixel of an odd margin is rounded by who reads this layout: transformers rounds down, OpenCLIP to even. */
    oddMargin: "down" | "even";
    mean: [number, number, number];
    std: [number, number, number];
  };
}

/** Float32 values by name. LoRA values carry PEFT's names without `base_model.model.`, e.g. `vision_model.encoder.layers.0.self_attn.q_proj.lora_A.weight` [r, in] and `...lora_B.weight` [out, r]. */
export type NamedTensors = Map<string, { shape: number[]; data: Float32Array }>;
