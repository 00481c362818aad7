"""Compares what `glad step --dump FILE` wrote with the same step in PyTorch, transformers and peft.

    glad step --model DIR --images a.jpg,b.jpg --labels 0,1 --classes "cat,dog" --lora L.safetensors \
        --alpha 0.5 --rho 0.05 --dump D.safetensors
    python test/golden/compareStep.py --model DIR --images a.jpg,b.jpg --labels 0,1 --classes "cat,dog" \
        --lora L.safetensors --alpha 0.5 --rho 0.05 --dump D.safetensors

Images are read and scaled here by Pillow and numpy, text is split by transformers, so nothing is shared with the program that is
checked. Prints the largest relative difference of every group; exit code 1 beyond the tolerances. The tensors of a dump:
image_features [n,d] and class_embeddings [K,d] (both of length 1), logits [n,K], loss [], perturbed_loss [], and for every LoRA tensor
under peft's name without `base_model.model.`: g.<name>, g_sam.<name>, g_final.<name>; optionally lora.<name> (used where --lora is not
given) and pixel_values [n,3,S,S] (compared; with --pixels dump also used, which tells differences of image decoding from differences of
the model).
"""

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

import gladReference as reference
from gladReference import MODULES, PEFT_PREFIX, Batch, LoraSpec

FEATURE_TOLERANCE = 1e-5
GRADIENT_TOLERANCE = 1e-4
VALUES = ["image_features", "class_embeddings", "logits", "loss", "perturbed_loss"]
NAME = re.compile(r"(vision|text)_model\.encoder\.layers\.(\d+)\.(.+)\.lora_[AB]\.weight")


def arguments(parser: argparse.ArgumentParser, **defaults: str) -> argparse.ArgumentParser:
    """The options of a comparison. What has no default here must be given."""

    def add(name: str, **settings) -> None:
        parser.add_argument(f"--{name}", required=name not in defaults, default=defaults.get(name), **settings)

    add("model", type=Path, help="snapshot folder")
    add("images", help="image files, separated by commas")
    add("labels", help="class index of each image, separated by commas")
    add("classes", help="class names, separated by commas")
    parser.add_argument("--template", default="a photo of a {}.")
    parser.add_argument("--lora", type=Path, help="LoRA values in peft's names; default: lora.<name> of the dump")
    parser.add_argument("--lora-alpha", type=float, default=1)
    parser.add_argument("--scaling", choices=["rslora", "lora"], default="rslora")
    parser.add_argument("--alpha", type=float, default=0.5, help="glad.alpha")
    parser.add_argument("--rho", type=float, default=0.05, help="glad.rho")
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64", help="PyTorch's precision")
    parser.add_argument("--dump", type=Path, help="the file that glad step wrote")
    parser.add_argument("--pixels", choices=["pillow", "dump"], default="pillow", help="where pixels come from")
    parser.add_argument("--write", type=Path, help="also write PyTorch's own values, in a dump's names")
    return parser


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def read_lora(options: argparse.Namespace, dump: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if options.lora is None:
        values = {name.removeprefix("lora."): v for name, v in dump.items() if name.startswith("lora.")}
    else:
        values = {name.removeprefix(PEFT_PREFIX): v for name, v in load_file(options.lora).items()}
    if not values:
        raise SystemExit("no LoRA values: give --lora FILE, or a dump that holds lora.<name>")
    return values


def spec_of(values: dict[str, np.ndarray], alpha: float, scaling: str) -> LoraSpec:
    """The LoRA configuration that names and shapes tell. peft then fails loudly if the places are not a full grid."""
    places = [NAME.fullmatch(name) for name in values]
    if None in places:
        raise SystemExit(f"not a LoRA tensor of CLIP: {list(values)[places.index(None)]}")
    encoders = {place[1] for place in places}
    short = {module: target for target, module in MODULES.items()}
    rank = next(value.shape[0] for name, value in values.items() if "lora_A" in name)
    return LoraSpec(
        "both" if len(encoders) == 2 else encoders.pop(),
        sorted({short[place[3]] for place in places}),
        sorted({int(place[2]) for place in places}),
        rank,
        alpha,
        scaling,
    )


def pytorch_step(options: argparse.Namespace, dump: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The step in PyTorch, as tensors in a dump's names."""
    pixels = reference.preprocess(options.model, [Path(path) for path in split(options.images)])
    if "pixel_values" in dump:
        print(f"{'pixel_values':<18}{np.abs(pixels - dump['pixel_values']).max():12.2e}  (largest difference, not judged)")
        pixels = dump["pixel_values"] if options.pixels == "dump" else pixels
    prompts = [options.template.replace("{}", name) for name in split(options.classes)]
    labels = torch.tensor([int(label) for label in split(options.labels)])
    batch = Batch(torch.from_numpy(pixels), labels, reference.tokenize(options.model, prompts))
    values = read_lora(options, dump)
    model = reference.load_clip(options.model, getattr(torch, options.dtype))
    adapted = reference.attach_lora(model, spec_of(values, options.lora_alpha, options.scaling))
    reference.set_lora(adapted, values)
    step = reference.glad_step(adapted, batch, options.alpha, options.rho)
    summary = step.summary(labels)
    print("PyTorch:", ", ".join(f"{key} {value:.8g}" for key, value in summary.items()))
    features = step.values["image_features"]
    step.values["image_features"] = features / features.norm(dim=-1, keepdim=True)
    tensors = {**step.values, "perturbed_loss": step.perturbed_loss, "pixel_values": torch.from_numpy(pixels)}
    # A dump holds image features of length 1, as class embeddings are.
    tensors["image_features"] = torch.nn.functional.normalize(tensors["image_features"], dim=-1)
    for key in ["g", "g_sam", "g_final"]:
        tensors |= {f"{key}.{name}": gradient for name, gradient in getattr(step, key).items()}
    return tensors


def report(expected: dict[str, torch.Tensor], dump: dict[str, np.ndarray]) -> bool:
    """Prints one line a group; true when all groups are within their tolerance."""
    judged = {name: value for name, value in expected.items() if name != "pixel_values"}
    missing = [name for name in judged if name not in dump]
    if missing:
        print(f"the dump lacks {len(missing)} tensors, e.g. {', '.join(missing[:5])}")
        return False
    groups: dict[str, tuple[float, str]] = {}
    for name, value in judged.items():
        if dump[name].shape != tuple(value.shape):
            print(f"{name}: shape {dump[name].shape}, expected {tuple(value.shape)}")
            return False
        error = reference.relative_error(torch.from_numpy(dump[name]), value)
        group = name if name in VALUES else name.split(".")[0]
        # A NaN must win over every number, so that it fails the comparison below.
        if group not in groups or not error <= groups[group][0]:
            groups[group] = (error, name)
    passed = True
    for group, (error, name) in groups.items():
        tolerance = FEATURE_TOLERANCE if group in VALUES else GRADIENT_TOLERANCE
        passed = passed and error <= tolerance
        verdict = "ok" if error <= tolerance else "FAILED"
        print(f"{group:<18}{error:12.2e}  of {tolerance:.0e}  {verdict}" + ("" if group == name else f"  worst: {name}"))
    return passed


def compare(options: argparse.Namespace) -> bool:
    dump = load_file(options.dump) if options.dump else {}
    expected = pytorch_step(options, dump)
    if options.write:
        # np.array and not ascontiguousarray: that one turns scalars into vectors.
        save_file({name: np.array(v.numpy(), np.float32, order="C") for name, v in expected.items()}, options.write)
    return report(expected, dump) if options.dump else True


def main() -> None:
    options = arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0])).parse_args()
    if not options.dump and not options.write:
        raise SystemExit("give --dump FILE to compare with, or --write FILE")
    raise SystemExit(0 if compare(options) else 1)


if __name__ == "__main__":
    main()
