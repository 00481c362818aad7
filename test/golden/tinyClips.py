"""Three tiny random CLIPs in Hugging Face's layout, each odd in its own way. Written by clip.py into clip-a, clip-b and clip-c.

clip-a  as OpenAI publishes: eos_token_id 2 (so the end of text is the highest id), position_ids in the file, quick_gelu.
clip-b  as later conversions: gelu, end of text by its id, which is not the highest one; padding by another token; depths 3 and 1;
        other mean and standard deviation; 10 image tokens.
clip-c  one block each; the configuration leaves out what equals transformers' defaults; logit scale 100.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from transformers import CLIPTokenizer

OPENAI_MEAN = [0.48145466, 0.4578275, 0.40821073]
OPENAI_STD = [0.26862954, 0.26130258, 0.27577711]

# Merges build these words from letters, left to right; everything else stays in letters.
WORDS = ["a", "photo", "of", "cat", "dog", "the", "mat", "red", "car", "on", "ing", "tree", "sea", "er", "bird"]
CHARACTERS = list("abcdefghijklmnopqrstuvwxyz0123456789.,'-")


def merges() -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for word in WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            if pair not in pairs:
                pairs.append(pair)
            parts = [parts[0] + parts[1], *parts[2:]]
    return pairs


def vocabulary(first: list[str], last: list[str]) -> dict[str, int]:
    tokens = [*first, *CHARACTERS, *(c + "</w>" for c in CHARACTERS), *("".join(pair) for pair in merges()), *last]
    return {token: index for index, token in enumerate(dict.fromkeys(tokens))}


BEGIN, END = "<|startoftext|>", "<|endoftext|>"
CLIPS = {
    "clip-a": {
        "seed": 11,
        "vocabulary": vocabulary([], [BEGIN, END]),
        "pad": END,
        "eos": 2,
        "projection": 16,
        "logitScale": 2.6592,
        "text": {"hidden_size": 24, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "max_position_embeddings": 16, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5},
        "vision": {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
                   "image_size": 24, "patch_size": 8, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5},
        "mean": OPENAI_MEAN, "std": OPENAI_STD, "positionIds": True,
    },
    "clip-b": {
        "seed": 12,
        "vocabulary": vocabulary(["<|pad|>", BEGIN, END], []),
        "pad": "<|pad|>",
        "eos": "own id",
        "projection": 10,
        "logitScale": 3.0,
        "text": {"hidden_size": 18, "intermediate_size": 30, "num_hidden_layers": 1, "num_attention_heads": 3,
                 "max_position_embeddings": 13, "hidden_act": "gelu", "layer_norm_eps": 1e-6},
        "vision": {"hidden_size": 20, "intermediate_size": 36, "num_hidden_layers": 3, "num_attention_heads": 2,
                   "image_size": 21, "patch_size": 7, "hidden_act": "gelu", "layer_norm_eps": 1e-6},
        "mean": [0.5, 0.4, 0.3], "std": [0.5, 0.25, 0.2], "positionIds": False,
    },
    "clip-c": {
        "seed": 13,
        "vocabulary": vocabulary([], [BEGIN, END]),
        "pad": END,
        "eos": "own id",
        "projection": 12,
        "logitScale": 4.6051702,
        "text": {"hidden_size": 12, "intermediate_size": 28, "num_hidden_layers": 1, "num_attention_heads": 1,
                 "max_position_embeddings": 20},
        "vision": {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 4,
                   "image_size": 16, "patch_size": 8},
        "mean": OPENAI_MEAN, "std": OPENAI_STD, "positionIds": False,
    },
}


def tower_weights(draw, prefix: str, config: dict) -> dict[str, np.ndarray]:
    """Weights of std 1/sqrt(fan-in) and visible biases, so that no path through the block has a vanishing gradient."""
    width, inner = config["hidden_size"], config["intermediate_size"]
    tensors = {}

    def linear(name: str, out: int, fan_in: int) -> None:
        tensors[f"{prefix}.{name}.weight"] = draw(out, fan_in, std=fan_in**-0.5)
        tensors[f"{prefix}.{name}.bias"] = draw(out, std=0.1)

    def norm(name: str) -> None:
        tensors[f"{prefix}.{name}.weight"] = 1 + draw(width, std=0.2)
        tensors[f"{prefix}.{name}.bias"] = draw(width, std=0.1)

    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layers.{layer}"
        for module in ["q_proj", "k_proj", "v_proj", "out_proj"]:
            linear(f"{at}.self_attn.{module}", width, width)
        linear(f"{at}.mlp.fc1", inner, width)
        linear(f"{at}.mlp.fc2", width, inner)
        norm(f"{at}.layer_norm1")
        norm(f"{at}.layer_norm2")
    for name in ["pre_layrnorm", "post_layernorm"] if prefix == "vision_model" else ["final_layer_norm"]:
        norm(name)
    return tensors


def weights(clip: dict) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(clip["seed"])

    def draw(*shape: int, std: float) -> np.ndarray:
        return (std * generator.standard_normal(shape)).astype(np.float32)

    text, vision, d = clip["text"], clip["vision"], clip["projection"]
    patches = (vision["image_size"] // vision["patch_size"]) ** 2
    tensors = {
        "logit_scale": np.array(clip["logitScale"], dtype=np.float32),
        "text_model.embeddings.token_embedding.weight": draw(len(clip["vocabulary"]), text["hidden_size"], std=0.7),
        "text_model.embeddings.position_embedding.weight":
            draw(text["max_position_embeddings"], text["hidden_size"], std=0.3),
        "vision_model.embeddings.class_embedding": draw(vision["hidden_size"], std=0.7),
        "vision_model.embeddings.patch_embedding.weight": draw(
            vision["hidden_size"], 3, vision["patch_size"], vision["patch_size"], std=(3 * vision["patch_size"]**2)**-0.5
        ),
        "vision_model.embeddings.position_embedding.weight": draw(patches + 1, vision["hidden_size"], std=0.3),
        "text_projection.weight": draw(d, text["hidden_size"], std=text["hidden_size"]**-0.5),
        "visual_projection.weight": draw(d, vision["hidden_size"], std=vision["hidden_size"]**-0.5),
        **tower_weights(draw, "text_model", text),
        **tower_weights(draw, "vision_model", vision),
    }
    if clip["positionIds"]:
        tensors["text_model.embeddings.position_ids"] = np.arange(text["max_position_embeddings"])[None]
        tensors["vision_model.embeddings.position_ids"] = np.arange(patches + 1)[None]
    return tensors


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def write_clip(folder: Path, clip: dict, tokenizer: CLIPTokenizer | None = None) -> None:
    """Writes a snapshot; without a tokenizer it gets one of the tiny vocabulary."""
    folder.mkdir(exist_ok=True)
    tokens = clip["vocabulary"]
    eos = tokens[END] if clip["eos"] == "own id" else clip["eos"]
    write_json(folder / "config.json", {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "initializer_factor": 1.0,
        "logit_scale_init_value": 2.6592,
        "projection_dim": clip["projection"],
        "text_config": {"model_type": "clip_text_model", "vocab_size": len(tokens), "bos_token_id": tokens[BEGIN],
                        "eos_token_id": eos, "pad_token_id": tokens[clip["pad"]],
                        "projection_dim": clip["projection"], **clip["text"]},
        "vision_config": {"model_type": "clip_vision_model", "num_channels": 3,
                          "projection_dim": clip["projection"], **clip["vision"]},
    })
    side = clip["vision"]["image_size"]
    write_json(folder / "preprocessor_config.json", {
        "crop_size": side, "do_center_crop": True, "do_normalize": True, "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": clip["mean"], "image_std": clip["std"],
        "resample": 3, "size": side,
    })
    tokenizer = tokenizer or CLIPTokenizer(vocab=tokens, merges=merges(), pad_token=clip["pad"],
                                           model_max_length=clip["text"]["max_position_embeddings"])
    tokenizer.save_pretrained(folder)
    save_file(weights(clip), folder / "model.safetensors", metadata={"format": "pt"})
