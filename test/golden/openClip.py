"""Writes open-clip: a tiny random OpenCLIP model as OpenCLIP's push_to_hf_hub lays it out, and what OpenCLIP computes with it.

    pip install open_clip_torch && python test/golden/openClip.py

open_clip_config.json, open_clip_model.safetensors: the snapshot, without a tokenizer.
features.safetensors: `pixel_values` [n, 3, S, S], `input_ids` [K, L] as floats, `image_features` [n, d] and `text_features` [K, d] (of
length 1) and `logit_scale` (the factor itself), in float32 rounded from float64.
"""

import json
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file

MODEL = {
    "embed_dim": 12,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 24, "layers": 2, "width": 16, "head_width": 8, "patch_size": 8, "mlp_ratio": 3.0},
    "text_cfg": {"context_length": 10, "vocab_size": 64, "width": 12, "heads": 3, "layers": 2},
}
PREPROCESS = {"mean": [0.5, 0.4, 0.3], "std": [0.5, 0.25, 0.2], "interpolation": "bicubic", "resize_mode": "shortest"}


def main() -> None:
    torch.manual_seed(7)
    model = open_clip.CLIP(**MODEL, output_dict=False).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            # Biases and norms away from their starting values, so that a swapped name shows.
            if name != "logit_scale":
                value.add_(0.2 * torch.randn_like(value))
    folder = Path(__file__).parent / "open-clip"
    folder.mkdir(exist_ok=True)
    config = {"model_cfg": MODEL, "preprocess_cfg": PREPROCESS}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, folder / "open_clip_model.safetensors",
              metadata={"format": "pt"})

    pixels = torch.randn(3, 3, 24, 24)
    ids = torch.randint(1, 62, (4, 10))
    for row, end in enumerate([3, 9, 5, 6]):
        ids[row, 0], ids[row, end], ids[row, end + 1 :] = 62, 63, 0
    model = model.double()
    with torch.no_grad():
        images = model.encode_image(pixels.double(), normalize=True)
        texts = model.encode_text(ids, normalize=True)
    save_file({"pixel_values": pixels, "input_ids": ids.float(), "image_features": images.float().contiguous(),
               "text_features": texts.float().contiguous(), "logit_scale": model.logit_scale.exp().float().detach()},
              folder / "features.safetensors",
              metadata={"open_clip": open_clip.__version__, "torch": torch.__version__})
    print(f"{len(model.state_dict())} tensors, {sum(p.numel() for p in model.parameters())} values")


if __name__ == "__main__":
    main()
