"""One GLAD step of a full-size CLIP ViT-B/16 with random weights: our program against PyTorch.

    npm run build
    python test/golden/fullSize.py --folder /tmp/vit-b-16 [--images a.jpg,b.jpg --labels 0,1 --classes "cat,dog"]

Makes the snapshot in the published layout (600 MB; names, shapes and files as openai/clip-vit-base-patch16) and random LoRA values
where the folder lacks them, runs `glad step` on them, and compares its dump with PyTorch as compareStep.py does (its options hold here
too; without --images the small ones of this folder are taken). Exit code 1 when a difference is beyond the tolerance.
"""

import argparse
import subprocess
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

import compareStep
import gladReference as reference
import tinyClips
from realVocabulary import SHARED, clip_tokenizer

VIT_B_16 = {
    "seed": 16,
    "vocabulary": None,
    "pad": tinyClips.END,
    "eos": 2,
    "projection": 512,
    "logitScale": 4.6051702,
    "text": {"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 8,
             "max_position_embeddings": 77, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5},
    "vision": {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
               "image_size": 224, "patch_size": 16, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5},
    "mean": tinyClips.OPENAI_MEAN,
    "std": tinyClips.OPENAI_STD,
    "positionIds": True,
}
REPOSITORY = Path(__file__).parents[2]


def make_model(folder: Path, vocabulary: Path) -> None:
    if (folder / "model.safetensors").exists():
        return
    print(f"making a random ViT-B/16 in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = clip_tokenizer(vocabulary)
    tinyClips.write_clip(folder, {**VIT_B_16, "vocabulary": tokenizer.get_vocab()}, tokenizer)


def make_lora(file: Path, rank: int = 2, seed: int = 17) -> None:
    """q, k, v of both encoders; A Kaiming-uniform and B not zero, so that every gradient is different from zero."""
    if file.exists():
        return
    generator = np.random.default_rng(seed)
    values = {}
    for encoder in ["vision", "text"]:
        width = VIT_B_16[encoder]["hidden_size"]
        for layer in range(VIT_B_16[encoder]["num_hidden_layers"]):
            for target in ["q", "k", "v"]:
                place = f"{encoder}_model.encoder.layers.{layer}.{reference.MODULES[target]}"
                bound = width**-0.5
                values[f"{place}.lora_A.weight"] = generator.uniform(-bound, bound, (rank, width)).astype(np.float32)
                values[f"{place}.lora_B.weight"] = (0.05 * generator.standard_normal((width, rank))).astype(np.float32)
    save_file(values, file)


def run_glad_step(options: argparse.Namespace) -> None:
    command = ["node", str(REPOSITORY / "dist" / "cli.js"), "step", "--model", str(options.model)]
    for name in ["images", "labels", "classes", "template", "lora", "lora-alpha", "scaling", "alpha", "rho", "dump"]:
        command += [f"--{name}", str(getattr(options, name.replace("-", "_")))]
    print("running glad step")
    if subprocess.run(command).returncode != 0:
        raise SystemExit("glad step failed")


def main() -> None:
    images = ",".join(str(path) for path in sorted((Path(__file__).parent / "images").glob("*.png")))
    defaults = {"model": "", "images": images, "labels": "0,2,1", "classes": "cat,dog,aircraft carrier"}
    parser = compareStep.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]), **defaults)
    parser.add_argument("--folder", type=Path, required=True, help="where the snapshot and LoRA values are, or will be")
    parser.add_argument("--vocabulary", type=Path, default=SHARED, help="CLIP's bpe_simple_vocab_16e6.txt.gz")
    parser.add_argument("--make-only", action="store_true", help="make the snapshot and the LoRA values, and stop")
    options = parser.parse_args()
    options.model = options.folder
    options.lora = options.lora or options.folder / "lora.safetensors"
    make_model(options.folder, options.vocabulary)
    make_lora(options.lora)
    if options.make_only:
        return
    if options.dump is None and options.write is None:
        options.dump = options.folder / "dump.safetensors"
        run_glad_step(options)
    raise SystemExit(0 if compareStep.compare(options) else 1)


if __name__ == "__main__":
    main()
