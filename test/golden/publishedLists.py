"""Checks publishedLists.json, for test/data/publishedLists.test.ts: draws the few-shot lists of Caltech-101 as CoOp does with CPython's
own random module, writes them as the files that 2SFS publishes, and compares their SHA-256 with those of the published files.

Run: python3 test/golden/publishedLists.py (with ../shared/data/caltech-101 beside the repository)
"""

import hashlib
import json
import os
import sys

# random.py of this folder is a script of ours, not the module.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)
import random  # noqa: E402

SPLIT = os.path.join(HERE, "../../../shared/data/caltech-101/split_zhou_Caltech101.json")
IMAGES = "caltech-101/101_ObjectCategories"


def draw(items, shots):
    classes = {}
    for item in items:
        classes.setdefault(item[1], []).append(item)
    return [item for images in classes.values() for item in random.sample(images, shots)]


def list_file(items):
    lines = (
        {"_impath": f"{IMAGES}/{path}", "_domain": 0, "_classname": name, "_label": label}
        for path, label, name in items
    )
    return "".join(json.dumps(line) + "\n" for line in lines)


with open(SPLIT, encoding="utf-8") as file:
    split = json.load(file)
with open(os.path.join(HERE, "publishedLists.json"), encoding="utf-8") as file:
    published = json.load(file)["lists"]
for one in published:
    random.seed(one["seed"])
    for part, shots in [("train", one["shots"]), ("val", min(one["shots"], 4))]:
        found = hashlib.sha256(list_file(draw(split[part], shots)).encode()).hexdigest()
        assert found == one[part], (one, part, found)
print(f"{2 * len(published)} files are those that 2SFS publishes")
