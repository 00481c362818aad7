"""Writes fewShot.json: SHA-256 of the few-shot lists of Caltech-101 as CoOp and CLIP-LoRA draw them, for
test/data/fewShotGolden.test.ts. It follows the description of both algorithms with CPython's own random module.

Run: python3 test/golden/fewShot.py (with ../shared/data/caltech-101 beside the repository)
"""

import hashlib
import json
import os
import platform
import sys

# random.py of this folder is a script of ours, not the module.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)
import random  # noqa: E402

SPLIT = os.path.join(HERE, "../../../shared/data/caltech-101/split_zhou_Caltech101.json")


def draw(items, shots, repeat):
    classes = {}
    for item in items:
        classes.setdefault(item[1], []).append(item)
    result = []
    for images in classes.values():
        if len(images) >= shots:
            result += random.sample(images, shots)
        else:
            result += random.choices(images, k=shots) if repeat else images
    return result


def few_shot(split, shots, seed, order):
    random.seed(seed)
    if order == "coop":
        train = draw(split["train"], shots, False)
        val = draw(split["val"], min(shots, 4), False)
    else:
        val = draw(split["val"], min(shots, 4), True)
        train = draw(split["train"], shots, True)
    return {"train": train, "val": val, "test": split["test"]}


def take_half(split, half):
    labels = sorted({label for _, label, _ in split["train"]})
    middle = (len(labels) + 1) // 2
    chosen = labels[:middle] if half == "base" else labels[middle:]
    return {
        part: [[path, chosen.index(label), name] for path, label, name in items if label in chosen]
        for part, items in split.items()
    }


def digest(items):
    lines = "".join(f"{path}\t{label}\t{name}\n" for path, label, name in items)
    return hashlib.sha256(lines.encode()).hexdigest()


with open(SPLIT, encoding="utf-8") as file:
    whole = json.load(file)
cases = []
for order in ["coop", "clip-lora"]:
    for seed in [1, 2, 3]:
        # 64 is more than many classes have.
        for shots in [1, 2, 4, 8, 16, 64]:
            sampled = few_shot(whole, shots, seed, order)
            case = {"order": order, "seed": seed, "shots": shots}
            for half in [None, "base", "novel"]:
                taken = take_half(sampled, half) if half else sampled
                parts = ["train", "val"] + (["test"] if shots == 1 else [])
                case[half or "all"] = {part: digest(taken[part]) for part in parts}
            cases.append(case)
output = {"versions": {"python": platform.python_version()}, "cases": cases}
with open(os.path.join(HERE, "fewShot.json"), "w", encoding="utf-8") as file:
    json.dump(output, file, indent=1)
    file.write("\n")
