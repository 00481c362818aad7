"""Opens a checkpoint of ours with peft, as a Python user would, and compares its logits with a `glad step --dump` file.

    python test/golden/checkAdapter.py --model DIR --adapter RUN/checkpoints/step-000500 --dump D.safetensors \
        --images a.jpg,b.jpg --classes "cat,dog"

Prints the largest relative difference of the logits; exit code 1 above 1e-5.
"""

import argparse
from pathlib import Path

import peft
import torch
from safetensors.numpy import load_file
from transformers import CLIPModel

import gladReference as reference
from compareStep import FEATURE_TOLERANCE, split


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="snapshot folder")
    parser.add_argument("--adapter", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--dump", type=Path, required=True, help="file with `logits`, and `pixel_values` where images are not given")
    parser.add_argument("--images", help="image files, separated by commas")
    parser.add_argument("--classes", required=True, help="class names, separated by commas")
    parser.add_argument("--template", default="a photo of a {}.")
    options = parser.parse_args()
    dump = load_file(options.dump)
    if options.images:
        pixels = reference.preprocess(options.model, [Path(path) for path in split(options.images)])
    else:
        pixels = dump["pixel_values"]
    prompts = [options.template.replace("{}", name) for name in split(options.classes)]
    clip = CLIPModel.from_pretrained(options.model, dtype=torch.float64, attn_implementation="sdpa")
    adapted = peft.PeftModel.from_pretrained(clip, options.adapter).to(torch.float64).eval()
    with torch.no_grad():
        output = adapted(input_ids=reference.tokenize(options.model, prompts), pixel_values=torch.from_numpy(pixels).double())
    error = reference.relative_error(torch.from_numpy(dump["logits"]), output.logits_per_image)
    print(f"logits {error:.2e} of {FEATURE_TOLERANCE:.0e}  {'ok' if error <= FEATURE_TOLERANCE else 'FAILED'}")
    raise SystemExit(0 if error <= FEATURE_TOLERANCE else 1)


if __name__ == "__main__":
    main()
