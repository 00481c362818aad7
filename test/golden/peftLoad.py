"""Opens an adapter that GLAD wrote with peft, as a Python user would, and says what peft made of it.

    python test/golden/peftLoad.py MODEL ADAPTER

MODEL is a snapshot folder or hub id of a CLIP, ADAPTER a checkpoint folder. Checks that peft adapts exactly the matrices whose values
lie in the adapter, with those values and the scaling of its settings; exit code 1 where something differs. `checkAdapter.py` compares
the logits.
"""

import argparse
import json
import math
from pathlib import Path

import peft
import torch
from safetensors.torch import load_file
from transformers import CLIPModel


def adapted_modules(model: peft.PeftModel) -> dict[str, torch.nn.Module]:
    return {name: module for name, module in model.named_modules() if isinstance(module, peft.tuners.lora.LoraLayer)}


def check_values(model: peft.PeftModel, folder: Path) -> list[str]:
    """What differs between peft's modules and the adapter's files."""
    saved = load_file(folder / "adapter_model.safetensors")
    config = json.loads((folder / "adapter_config.json").read_text())
    root = math.sqrt(config["r"]) if config["use_rslora"] else config["r"]
    modules = adapted_modules(model)
    wanted = {name.rsplit(".lora_", 1)[0] for name in saved}
    wrong = [f"{name} is adapted by peft but not in the file" for name in modules.keys() - wanted]
    wrong += [f"{name} is in the file but not adapted by peft" for name in wanted - modules.keys()]
    for name in modules.keys() & wanted:
        module = modules[name]
        for part in ["lora_A", "lora_B"]:
            value = getattr(module, part)["default"].weight
            if not torch.equal(value, saved[f"{name}.{part}.weight"]):
                wrong.append(f"{name}.{part} has other values")
        if abs(module.scaling["default"] - config["lora_alpha"] / root) > 1e-12:
            wrong.append(f"{name} is scaled by {module.scaling['default']}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="snapshot folder or hub id of the CLIP")
    parser.add_argument("adapter", type=Path, help="folder of the adapter or checkpoint")
    options = parser.parse_args()
    model = peft.PeftModel.from_pretrained(CLIPModel.from_pretrained(options.model), options.adapter)
    wrong = check_values(model, options.adapter)
    print(f"peft {peft.__version__} adapts {len(adapted_modules(model))} matrices")
    for line in wrong:
        print(line)
    print("FAILED" if wrong else "ok")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
