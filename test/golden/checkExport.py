"""Opens a model that `glad export` wrote as a Python user would, and compares it with the adapter on the model that it was trained on.

    pip install onnx onnxruntime
    python test/golden/checkExport.py --model DIR --adapter RUN/checkpoints/step-000500 --export DIR

MODEL is the snapshot folder or hub id of the CLIP (Hugging Face's layout). Checks that the weights are those of peft's
merge_and_unload, that logits are the adapter's, and that classifier.onnx is valid ONNX whose probabilities follow from them, on
pixel values of noise. Prints the largest differences; exit code 1 where one is above its limit.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import peft
import torch
from transformers import CLIPModel, CLIPTokenizerFast

LIMITS = {"weights": 1e-6, "logits": 1e-5, "probabilities": 1e-4}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="snapshot folder or hub id")
    parser.add_argument("--adapter", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--export", type=Path, required=True, help="what `glad export` wrote")
    options = parser.parse_args()
    settings = json.loads((options.export / "classifier.json").read_text())
    tokenizer = CLIPTokenizerFast.from_pretrained(options.export)
    prompts = [settings["template"].replace("{}", name) for name in settings["classes"]]
    tokens = tokenizer(prompts, return_tensors="pt", padding=True, truncation=True)
    pixels = np.random.default_rng(1).normal(size=settings["input"]["shape"]).astype(np.float32)

    def logits(model: torch.nn.Module) -> np.ndarray:
        with torch.no_grad():
            return model(**tokens, pixel_values=torch.from_numpy(pixels)).logits_per_image.numpy()

    adapted = peft.PeftModel.from_pretrained(CLIPModel.from_pretrained(options.model, dtype=torch.float32), options.adapter).eval()
    expected = logits(adapted)
    merged = adapted.merge_and_unload().state_dict()
    exported = CLIPModel.from_pretrained(options.export).eval()
    weights = exported.state_dict()
    assert weights.keys() == merged.keys(), weights.keys() ^ merged.keys()
    onnx.checker.check_model(options.export / "classifier.onnx", full_check=True)
    session = onnxruntime.InferenceSession(options.export / "classifier.onnx")
    [probabilities] = session.run(["probabilities"], {"pixel_values": pixels})
    found = {
        "weights": max((merged[name] - weights[name]).abs().max().item() for name in merged),
        "logits": np.abs(logits(exported) - expected).max() / np.abs(expected).max(),
        "probabilities": np.abs(torch.from_numpy(expected).softmax(-1).numpy() - probabilities).max(),
    }
    for name, error in found.items():
        print(f"{name:<14}{error:.2e} of {LIMITS[name]:.0e}  {'ok' if error <= LIMITS[name] else 'FAILED'}")
    raise SystemExit(0 if all(error <= LIMITS[name] for name, error in found.items()) else 1)


if __name__ == "__main__":
    main()
