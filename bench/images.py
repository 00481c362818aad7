"""The image pipeline in Pillow and numpy, for bench/images.ts: makes tensors of the files in a list and prints images
per second of processor time.

    python images.py LIST.json augmented|evaluation

The list holds [{"path", "box": [left, top, width, height], "flip"}].
"""

import json
import sys
import time

import numpy as np
from PIL import Image

MEAN = np.asarray((0.48145466, 0.4578275, 0.40821073), np.float32)
STD = np.asarray((0.26862954, 0.26130258, 0.27577711), np.float32)
SIDE = 224


def augmented(item: dict) -> Image.Image:
    left, top, width, height = item["box"]
    image = Image.open(item["path"]).convert("RGB").crop((left, top, left + width, top + height))
    image = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if item["flip"] else image


def evaluation(item: dict) -> Image.Image:
    image = Image.open(item["path"]).convert("RGB")
    width, height = image.size
    scaled = (SIDE, SIDE * height // width) if width <= height else (SIDE * width // height, SIDE)
    left, top = (scaled[0] - SIDE) // 2, (scaled[1] - SIDE) // 2
    return image.resize(scaled, Image.Resampling.BICUBIC).crop((left, top, left + SIDE, top + SIDE))


def tensor(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image, dtype=np.float32)
    pixels /= 255
    pixels -= MEAN
    pixels /= STD
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def main() -> None:
    with open(sys.argv[1]) as file:
        items = json.load(file)
    transform = {"augmented": augmented, "evaluation": evaluation}[sys.argv[2]]
    for item in items[:8]:
        tensor(transform(item))
    start = time.process_time()
    for at in range(0, len(items), 32):
        np.stack([tensor(transform(item)) for item in items[at : at + 32]])
    print(len(items) / (time.process_time() - start))


if __name__ == "__main__":
    main()
