"""Makes the tiny CLIPs and the reference values of this folder. See README.md.

    python -m venv /tmp/venv && /tmp/venv/bin/pip install -r test/golden/requirements.txt
    /tmp/venv/bin/python test/golden/clip.py
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from transformers import CLIPImageProcessorPil

import gladReference as reference
from gladReference import Batch, LoraSpec
from tinyClips import CLIPS, write_clip, write_json

HERE = Path(__file__).parent
ALL = ["q", "k", "v", "o", "fc1", "fc2"]
OPTIMIZER = {"learningRate": 1e-2, "minLearningRate": 1e-6, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.01}
STEPS = 10

# Prompts of different lengths; the last of clip-a's and of clip-b's is longer than the context.
CLASSES = {
    "clip-a": ["cat", "dog on the mat", "sea-bird, 3 of 'em", "the red car on the mat, the tree on the sea and 25 cats"],
    "clip-b": ["car", "tree", "Red  bird's sea", "zebra", "a photo of a photo of a photo of a tree on the mat"],
    "clip-c": ["cat", "dog", "dogs running over the sea"],
}
LABELS = {"clip-a": [0, 3, 1, 2, 3], "clip-b": [4, 1, 2], "clip-c": [2, 0, 1, 1]}
IMAGES = ["colour.png", "grey.png", "palette.png"]


@dataclass
class Case:
    model: str
    lora: LoraSpec
    alpha: float
    rho: float
    seed: int


CASES = {
    "a-qkv": Case("clip-a", LoraSpec("both", ["q", "k", "v"], None, 2, 1, "rslora"), 0.5, 0.05, 21),
    "a-vision": Case("clip-a", LoraSpec("vision", ["q", "v"], [1], 3, 4, "lora"), 0.5, 0.1, 22),
    "b-all": Case("clip-b", LoraSpec("both", ALL, [0, 2], 2, 2, "rslora"), 0.5, 0.05, 23),
    "b-text": Case("clip-b", LoraSpec("text", ["k", "o", "fc2"], None, 1, 1, "rslora"), 1.0, 0.05, 24),
    "c-all": Case("clip-c", LoraSpec("both", ALL, None, 2, 3, "lora"), 0.3, 0.02, 25),
}


def draw_images(folder: Path) -> None:
    """Three PNGs: colour and wide, grey and tall, palette and nearly square. Lossless, so decoders cannot differ."""
    folder.mkdir(exist_ok=True)
    y, x = np.mgrid[0:30, 0:43]
    noise = np.random.default_rng(5).integers(0, 60, (30, 43, 3))
    colour = np.stack([x * 4, 195 - y * 6, (x * y) % 190], -1) + noise
    Image.fromarray(colour.astype(np.uint8), "RGB").save(folder / IMAGES[0])
    y, x = np.mgrid[0:51, 0:26]
    grey = np.where((x - 12) ** 2 + (y - 20) ** 2 < 90, 230, 3 * y + x)
    Image.fromarray(grey.astype(np.uint8), "L").save(folder / IMAGES[1])
    y, x = np.mgrid[0:24, 0:23]
    indexed = Image.fromarray(((x // 3 + y // 4) % 7).astype(np.uint8), "P")
    indexed.putpalette([0, 0, 0, 250, 40, 30, 20, 200, 90, 30, 60, 240, 240, 230, 20, 128, 128, 128, 255, 255, 255])
    indexed.save(folder / IMAGES[2])


def pixel_values(name: str) -> np.ndarray:
    """clip-b sees the three images through transformers' own processor; the others see drawn numbers."""
    if name == "clip-b":
        processor = CLIPImageProcessorPil.from_pretrained(HERE / name)
        images = [Image.open(HERE / "images" / file) for file in IMAGES]
        pixels = processor(images, return_tensors="np")["pixel_values"].astype(np.float32)
        ours = reference.preprocess(HERE / name, [HERE / "images" / file for file in IMAGES])
        if np.abs(pixels - ours).max() > 1e-6:
            raise SystemExit("gladReference.preprocess differs from transformers' image processor")
        return pixels
    side = CLIPS[name]["vision"]["image_size"]
    count = len(LABELS[name])
    generator = np.random.default_rng(CLIPS[name]["seed"] + 100)
    shade = generator.standard_normal((count, 3, 1, 1))
    return (shade + generator.standard_normal((count, 3, side, side))).astype(np.float32)


def lora_values(parameters: dict[str, torch.Tensor], seed: int) -> dict[str, dict[str, np.ndarray]]:
    """Values at the start (A Kaiming-uniform(a = sqrt 5), B = 0) and somewhere else (A, B drawn)."""
    generator = np.random.default_rng(seed)
    start, random = {}, {}
    for name, parameter in parameters.items():
        shape = tuple(parameter.shape)
        if "lora_A" in name:
            bound = shape[1] ** -0.5
            start[name] = generator.uniform(-bound, bound, shape).astype(np.float32)
        else:
            start[name] = np.zeros(shape, dtype=np.float32)
        random[name] = (0.25 * generator.standard_normal(shape)).astype(np.float32)
    return {"start": start, "random": random}


def train(adapted, batch: Batch, case: Case) -> list[dict]:
    """Ten GLAD steps on one batch with torch's AdamW and its cosine schedule; returns what each step records."""
    parameters = reference.lora_parameters(adapted)
    optimizer = torch.optim.AdamW(
        parameters.values(), lr=OPTIMIZER["learningRate"], betas=tuple(OPTIMIZER["betas"]),
        eps=OPTIMIZER["epsilon"], weight_decay=OPTIMIZER["weightDecay"],
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS, OPTIMIZER["minLearningRate"])
    records = []
    for _ in range(STEPS):
        step = reference.glad_step(adapted, batch, case.alpha, case.rho)
        for name, parameter in parameters.items():
            parameter.grad = step.g_final[name]
        records.append({"learningRate": schedule.get_last_lr()[0], **step.summary(batch.labels)})
        optimizer.step()
        schedule.step()
    return records


def compute(case: Case, dtype: torch.dtype, batch: Batch):
    """All values of a case in one precision: tensors by their names in the file, and the JSON's numbers."""
    folder = HERE / case.model
    adapted = reference.attach_lora(reference.load_clip(folder, dtype), case.lora)
    points = lora_values(reference.lora_parameters(adapted), case.seed)
    tensors: dict[str, torch.Tensor] = {}
    numbers = {}
    for point, values in points.items():
        reference.set_lora(adapted, values)
        step = reference.glad_step(adapted, batch, case.alpha, case.rho)
        numbers[point] = step.summary(batch.labels)
        for key in ["image_features", "class_embeddings", "logits"]:
            tensors[f"{point}.{key}"] = step.values[key]
        tensors |= {f"{point}.lora.{name}": torch.from_numpy(value) for name, value in values.items()}
        for key in ["g", "g_sam", "g_final"]:
            tensors |= {f"{point}.{key}.{name}": g for name, g in getattr(step, key).items()}
    reference.set_lora(adapted, points["start"])
    numbers["training"] = train(adapted, batch, case)
    tensors |= {
        f"trained.lora.{name}": p.detach().clone() for name, p in reference.lora_parameters(adapted).items()
    }
    return tensors, numbers, adapted, points


def float32_errors(single: dict[str, torch.Tensor], double: dict[str, torch.Tensor], one: dict, two: dict) -> dict:
    """PyTorch's own float32 against its float64, the worst tensor of each group: what rounding alone does."""
    errors: dict[str, float] = {}
    for name, expected in double.items():
        group = ".".join(name.split(".")[:2])
        if not group.endswith(".lora") or group == "trained.lora":
            errors[group] = max(errors.get(group, 0.0), reference.relative_error(single[name], expected))
    for point in ["start", "random"]:
        for key in ["loss", "perturbedLoss", "gradientNorm", "samGradientNorm", "finalGradientNorm"]:
            errors[f"{point}.{key}"] = abs(one[point][key] / two[point][key] - 1)
    return {group: float(f"{error:.2g}") for group, error in errors.items()}


def check_attention(case: Case, batch: Batch, tensors: dict[str, torch.Tensor]) -> None:
    """The fused attention kernel must agree with the plain formula in float64, or the values are not float64's."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        plain, *_ = compute(case, torch.float64, batch)
    worst = max(reference.relative_error(plain[name], tensors[name]) for name in tensors)
    if worst > 1e-9:
        raise SystemExit(f"float64 attention kernels differ by {worst}")


def write_adapter(adapted, points, folder: Path) -> None:
    """The same adapter as peft itself writes it, with sorted keys so that the file is reproducible."""
    reference.set_lora(adapted, points["random"])
    adapted.peft_config["default"].base_model_name_or_path = "clip-a"
    adapted.to(torch.float32).save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["target_modules"] = sorted(config["target_modules"])
    write_json(folder / "adapter_config.json", dict(sorted(config.items())))


def write_case(name: str, case: Case, pixels: np.ndarray) -> None:
    template = "a photo of a {}."
    prompts = [template.replace("{}", text) for text in CLASSES[case.model]]
    input_ids = reference.tokenize(HERE / case.model, prompts)
    batch = Batch(torch.from_numpy(pixels), torch.tensor(LABELS[case.model]), input_ids)
    tensors, numbers, adapted, points = compute(case, torch.float64, batch)
    single, single_numbers, *_ = compute(case, torch.float32, batch)
    check_attention(case, batch, tensors)
    values = {key: np.ascontiguousarray(tensor.numpy().astype(np.float32)) for key, tensor in tensors.items()}
    save_file(values, HERE / f"{name}.safetensors")
    if name == "a-qkv":
        write_adapter(adapted, points, HERE / "adapter-a")
    write_json(HERE / f"{name}.json", {
        "model": case.model,
        "images": [f"images/{file}" for file in IMAGES] if case.model == "clip-b" else None,
        "template": template,
        "classNames": CLASSES[case.model],
        "prompts": prompts,
        "inputIds": input_ids.tolist(),
        "labels": LABELS[case.model],
        "lora": {**dataclasses.asdict(case.lora), "layers": case.lora.layers or "all", "factor": case.lora.factor()},
        "glad": {"alpha": case.alpha, "rho": case.rho},
        "optimizer": OPTIMIZER,
        **numbers,
        "float32Errors": float32_errors(single, tensors, single_numbers, numbers),
        "versions": reference.versions(),
    })


def main() -> None:
    torch.set_num_threads(1)
    draw_images(HERE / "images")
    for name, clip in CLIPS.items():
        write_clip(HERE / name, clip)
    pixels = {name: pixel_values(name) for name in CLIPS}
    for name, values in pixels.items():
        save_file({"pixel_values": values}, HERE / name / "inputs.safetensors")
    for name, case in CASES.items():
        write_case(name, case, pixels[case.model])
        print("wrote", name)


if __name__ == "__main__":
    main()
