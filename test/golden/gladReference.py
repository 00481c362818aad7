"""GLAD on CLIP in PyTorch, transformers and peft: the independent side of every comparison in this folder.

Nothing here is taken from the TypeScript engine. Loss, gradients and optimiser are PyTorch's own; LoRA is peft's.
"""

import json
import math
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import peft
import PIL
import safetensors
import tokenizers
import torch
import transformers
from PIL import Image
from transformers import CLIPModel, CLIPTokenizer

MODULES = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.out_proj",
    "fc1": "mlp.fc1",
    "fc2": "mlp.fc2",
}
ENCODERS = {"vision": ["vision_model"], "text": ["text_model"], "both": ["vision_model", "text_model"]}
PEFT_PREFIX = "base_model.model."


def versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
        "tokenizers": tokenizers.__version__,
        "safetensors": safetensors.__version__,
        "pillow": PIL.__version__,
        "numpy": np.__version__,
    }


@dataclass
class LoraSpec:
    """Where LoRA sits and how it is scaled, in the words of glad.json. `layers` None means all."""

    encoder: str
    targets: list[str]
    layers: list[int] | None
    rank: int
    alpha: float
    scaling: str

    def factor(self) -> float:
        return self.alpha / (math.sqrt(self.rank) if self.scaling == "rslora" else self.rank)

    def pattern(self) -> str:
        """A regular expression over transformers' module names, in the form that peft takes."""
        layers = r"\d+" if self.layers is None else "(" + "|".join(map(str, self.layers)) + ")"
        modules = "|".join(re.escape(MODULES[target]) for target in self.targets)
        return rf"({'|'.join(ENCODERS[self.encoder])})\.encoder\.layers\.{layers}\.({modules})"

    def peft_config(self, dropout: float = 0.0) -> peft.LoraConfig:
        everywhere = self.encoder == "both" and self.layers is None
        modules = [MODULES[target].split(".")[1] for target in self.targets]
        return peft.LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            target_modules=modules if everywhere else self.pattern(),
            lora_dropout=dropout,
            use_rslora=self.scaling == "rslora",
            bias="none",
        )


def load_clip(folder: Path, dtype: torch.dtype) -> CLIPModel:
    """Opens a snapshot. "sdpa" matters: transformers' own attention rounds its softmax to float32 even in float64."""
    model = CLIPModel.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa")
    model.requires_grad_(False)
    return model.eval()


def attach_lora(model: CLIPModel, spec: LoraSpec, dropout: float = 0.0) -> peft.PeftModel:
    """Puts peft's LoRA on the model; its parameters take the model's dtype and alone have gradients."""
    dtype = model.dtype
    adapted = peft.get_peft_model(model, spec.peft_config(dropout)).to(dtype)
    return adapted.eval() if dropout == 0 else adapted


def lora_parameters(adapted: peft.PeftModel) -> dict[str, torch.nn.Parameter]:
    """LoRA parameters by the names of peft's files, without `base_model.model.`."""
    named = ((name, p) for name, p in adapted.named_parameters() if p.requires_grad)
    return {name.removeprefix(PEFT_PREFIX).replace(".default.", "."): p for name, p in sorted(named)}


def set_lora(adapted: peft.PeftModel, values: dict[str, np.ndarray]) -> None:
    parameters = lora_parameters(adapted)
    if parameters.keys() != values.keys():
        raise SystemExit(f"LoRA names differ: {sorted(parameters.keys() ^ values.keys())[:6]}")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.from_numpy(values[name]))


def tokenize(folder: Path, prompts: list[str]) -> torch.Tensor:
    """Token ids [K, context], padded to the full context and truncated to it."""
    context = json.loads((folder / "config.json").read_text())["text_config"]["max_position_embeddings"]
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    encoded = tokenizer(prompts, padding="max_length", truncation=True, max_length=context)
    return torch.tensor(encoded["input_ids"])


def preprocess(folder: Path, images: list[Path]) -> np.ndarray:
    """CLIP's evaluation transform with Pillow and numpy alone: [n, 3, S, S] float32."""
    config = json.loads((folder / "preprocessor_config.json").read_text())
    size, crop = config["size"], config["crop_size"]
    short = size["shortest_edge"] if isinstance(size, dict) else size
    side = crop["height"] if isinstance(crop, dict) else crop
    mean = np.asarray(config["image_mean"], dtype=np.float32)
    std = np.asarray(config["image_std"], dtype=np.float32)
    pixels = []
    for path in images:
        image = Image.open(path).convert("RGB")
        width, height = image.size
        scaled = (short, int(short * height / width)) if width <= height else (int(short * width / height), short)
        image = image.resize(scaled, Image.Resampling.BICUBIC)
        left, top = (scaled[0] - side) // 2, (scaled[1] - side) // 2
        image = image.crop((left, top, left + side, top + side))
        pixels.append(((np.asarray(image, dtype=np.float32) / np.float32(255) - mean) / std).transpose(2, 0, 1))
    return np.ascontiguousarray(np.stack(pixels))


@dataclass
class Batch:
    pixels: torch.Tensor  # [n, 3, S, S]
    labels: torch.Tensor  # [n] int64
    input_ids: torch.Tensor  # [K, context] int64


def forward(adapted: peft.PeftModel, batch: Batch) -> dict[str, torch.Tensor]:
    """CLIP as a classifier. Features are as they leave the projections, class embeddings have length 1."""
    clip = adapted.base_model.model
    features = clip.get_image_features(batch.pixels.to(clip.dtype)).pooler_output
    classes = clip.get_text_features(batch.input_ids).pooler_output
    classes = classes / classes.norm(dim=-1, keepdim=True)
    images = features / features.norm(dim=-1, keepdim=True)
    logits = clip.logit_scale.exp() * images @ classes.T
    loss = torch.nn.functional.cross_entropy(logits, batch.labels)
    return {"image_features": features, "class_embeddings": classes, "logits": logits, "loss": loss}


def loss_and_gradient(adapted: peft.PeftModel, batch: Batch):
    """Forward values (detached) and dL/d(LoRA) by name."""
    parameters = lora_parameters(adapted)
    values = forward(adapted, batch)
    gradients = torch.autograd.grad(values["loss"], list(parameters.values()))
    return {k: v.detach() for k, v in values.items()}, dict(zip(parameters, gradients))


def joint_norm(gradient: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([g.flatten() for g in gradient.values()]).norm()


@dataclass
class GladStep:
    values: dict[str, torch.Tensor]  # forward at theta
    perturbed_loss: torch.Tensor
    g: dict[str, torch.Tensor]
    g_sam: dict[str, torch.Tensor]
    g_final: dict[str, torch.Tensor]

    def summary(self, labels: torch.Tensor) -> dict:
        dot = sum((self.g[name] * self.g_sam[name]).sum() for name in self.g)
        norm, sam_norm = joint_norm(self.g), joint_norm(self.g_sam)
        return {
            "loss": self.values["loss"].item(),
            "perturbedLoss": self.perturbed_loss.item(),
            "correct": int((self.values["logits"].argmax(-1) == labels).sum()),
            "gradientNorm": norm.item(),
            "samGradientNorm": sam_norm.item(),
            "finalGradientNorm": joint_norm(self.g_final).item(),
            "cosine": (dot / (norm * sam_norm)).item(),
        }


def glad_step(adapted: peft.PeftModel, batch: Batch, alpha: float, rho: float) -> GladStep:
    """g, g' at theta + rho g / (||g|| + 1e-12), and (1 - alpha) g + alpha g'. Leaves theta as it was."""
    values, g = loss_and_gradient(adapted, batch)
    parameters = lora_parameters(adapted)
    before = {name: p.detach().clone() for name, p in parameters.items()}
    scale = rho / (joint_norm(g) + 1e-12)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.add_(scale * g[name])
    perturbed, g_sam = loss_and_gradient(adapted, batch)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(before[name])
    g_final = {name: (1 - alpha) * g[name] + alpha * g_sam[name] for name in g}
    return GladStep(values, perturbed["loss"], g, g_sam, g_final)


def relative_error(actual: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference over the largest expected magnitude; the plain difference where everything expected is 0."""
    difference = (actual.double() - expected.double()).abs().max().item()
    largest = expected.double().abs().max().item()
    return difference / largest if largest > 0 else difference
