"""Writes pythonRandom.json: what CPython's random module draws, for test/util/pythonRandom.test.ts.

Run: python3 test/golden/pythonRandom.py
"""

import json
import os
import platform
import sys

# This file is named like the module that it needs; its own folder must not be searched.
sys.path.pop(0)
import random  # noqa: E402

SEEDS = [0, 1, 2, 3, 42, 2**31 - 1, 2**32 - 1, 2**32, 2**53 - 1, 2**64 + 12345, 10**40]
POPULATIONS = [1, 2, 5, 16, 20, 21, 22, 24, 60, 84, 85, 86, 277, 278, 1300, 50500]
COUNTS = [0, 1, 2, 4, 5, 6, 8, 16, 21, 22, 32]
BOUNDS = [1, 2, 3, 4, 7, 8, 100, 1000, 2**16, 2**16 + 1, 2**31, 2**31 + 1, 2**32 - 1]


def draws(seed):
    generator = random.Random(seed)
    # All from one generator, one after the other: a draw too many or too few spoils all that follow.
    result = {
        "seed": str(seed),
        "words": [generator.getrandbits(32) for _ in range(1300)][-4:],
        "bits": [generator.getrandbits(k) for k in range(33)],
        "below": [generator.randrange(n) for n in BOUNDS],
        "random": [generator.random() for _ in range(4)],
        "samples": [],
        "choices": [],
        "shuffles": [],
    }
    for n in POPULATIONS:
        for k in COUNTS:
            if k <= n:
                result["samples"].append([n, k, generator.sample(range(n), k)])
        result["choices"].append([n, generator.choices(range(n), k=5)])
    for n in [0, 1, 2, 3, 10, 31]:
        items = list(range(n))
        generator.shuffle(items)
        result["shuffles"].append(items)
    return result


output = {
    "versions": {"python": platform.python_version()},
    "bounds": BOUNDS,
    "draws": [draws(seed) for seed in SEEDS],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pythonRandom.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump(output, file, separators=(",", ":"))
    file.write("\n")
