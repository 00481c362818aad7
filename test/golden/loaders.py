"""Writes loaders.json: what CoOp's code makes of the data sets of miniatures.json, and CLIP-LoRA's few-shot lists of
them, for test/data/loaders.test.ts. It follows the description of both with CPython's own random module. Lists are
given as the start of the SHA-256 of their lines "path, label, name"; paths are relative to the images' folder of CoOp's layout.

Run: python3 test/golden/loaders.py
"""

import hashlib
import json
import os
import platform
import random

HERE = os.path.dirname(os.path.abspath(__file__))
TESTED_ONLY = ["imagenetv2", "imagenet-sketch", "imagenet-a", "imagenet-r"]


def below(data, folder):
    """What os.listdir gives for a folder of images, sorted and without hidden files."""
    prefix = folder + "/"
    files = [path for path in data["images"] + data["others"] if path.startswith(prefix)]
    return sorted({path[len(prefix) :].split("/")[0] for path in files if "/." not in path})


def class_names(data):
    lines = [line.split(" ") for line in data["text"]["classnames.txt"].splitlines()]
    return {words[0]: " ".join(words[1:]) for words in lines}


def class_folders(data, root, prefix=""):
    """Labels by the rank of the WordNet number."""
    names = class_names(data)
    folders = [folder for folder in below(data, root) if folder not in ("README.txt", "valprep.sh")]
    return [
        [f"{prefix}{folder}/{image}", label, names[folder]]
        for label, folder in enumerate(folders)
        for image in below(data, f"{root}/{folder}")
    ]


def read_imagenet(data):
    test = class_folders(data, "images/val", "val/")
    return {"train": class_folders(data, "images/train", "train/"), "val": test, "test": test}


def read_imagenet_v2(data):
    names = list(class_names(data).values())
    root = data["imageRoot"]
    return [
        [f"{label}/{image}", label, name]
        for label, name in enumerate(names)
        for image in below(data, f"{root}/{label}")
    ]


def read_aircraft(data):
    labels = {name: label for label, name in enumerate(data["text"]["variants.txt"].splitlines())}
    lists = {}
    for part in ("train", "val", "test"):
        lines = [line.split(" ") for line in data["text"][f"images_variant_{part}.txt"].splitlines()]
        lists[part] = [[f"{words[0]}.jpg", labels[" ".join(words[1:])], " ".join(words[1:])] for words in lines]
    return lists


def read(name, data):
    if name == "imagenet":
        return read_imagenet(data)
    if name == "fgvcaircraft":
        return read_aircraft(data)
    if name in TESTED_ONLY:
        test = read_imagenet_v2(data) if name == "imagenetv2" else class_folders(data, data["imageRoot"])
        return {"train": [], "val": [], "test": test}
    split = next(file for file in data["json"] if file.startswith("split_zhou_"))
    return data["json"][split]


def by_class(items):
    classes = {}
    for item in items:
        classes.setdefault(item[1], []).append(item)
    return classes.values()


def draw(items, shots, repeat):
    result = []
    for images in by_class(items):
        if len(images) >= shots:
            result += random.sample(images, shots)
        else:
            result += random.choices(images, k=shots) if repeat else images
    return result


def few_shot(name, split, shots, seed, order):
    random.seed(seed)
    few = min(shots, 4)
    if name == "imagenet":
        if order == "coop":
            # Only the training images are drawn; all test images are the validation images.
            return {"train": draw(split["train"], shots, False), "test": split["test"]}
        drawn = [random.sample(images, shots + few) for images in by_class(split["train"])]
        train = [item for images in drawn for item in images[:shots]]
        val = [item for images in drawn for item in images[shots:]]
    elif order == "coop":
        train = draw(split["train"], shots, False)
        val = draw(split["val"], few, False)
    else:
        val = draw(split["val"], few, True)
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


def digests(lists):
    def digest(items):
        lines = "".join(f"{path}\t{label}\t{name}\n" for path, label, name in items)
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    return {part: digest(items) for part, items in lists.items()}


def main():
    with open(os.path.join(HERE, "miniatures.json"), encoding="utf-8") as file:
        miniatures = json.load(file)
    sets = {}
    for name, data in miniatures.items():
        whole = read(name, data)
        names = {}
        for items in whole.values():
            names.update((label, text) for _, label, text in items)
        cases = []
        for order in ["coop", "clip-lora"] if whole["train"] else []:
            for seed in [1, 2, 3]:
                for shots in [1, 5, 16]:
                    sampled = few_shot(name, whole, shots, seed, order)
                    halves = {half: digests(take_half(sampled, half)) for half in ["base", "novel"]}
                    cases.append({"order": order, "seed": seed, "shots": shots, "all": digests(sampled), **halves})
        sets[name] = {
            "counts": {part: len(items) for part, items in whole.items()},
            "names": [names[label] for label in range(len(names))],
            "whole": digests(whole),
            "cases": cases,
        }
    output = {"versions": {"python": platform.python_version()}, "sets": sets}
    with open(os.path.join(HERE, "loaders.json"), "w", encoding="utf-8") as file:
        json.dump(output, file)
        file.write("\n")


main()
