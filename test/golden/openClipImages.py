"""Writes openClipImages.json: SHA-256 of what open_clip's own evaluation transform makes of drawn images, before it normalises them.

    pip install open_clip_torch && python test/golden/openClipImages.py

It resizes and crops as torchvision does, which rounds the half pixel of an odd margin to the even number.
"""

import json
from pathlib import Path

import open_clip
import PIL
import torchvision
from images import drawn, sha

SHAPES = [(500, 375), (375, 500), (299, 224), (224, 227), (130, 100), (101, 100), (225, 224), (19, 31), (401, 400)]


def main() -> None:
    rows = []
    for size in [224, 64, 33]:
        transform = open_clip.image_transform(size, is_train=False)
        resize, crop = transform.transforms[:2]
        for shape in SHAPES:
            image = crop(resize(drawn(*shape)))
            assert image.size == (size, size)
            rows.append({"source": list(shape), "size": size, "sha256": sha(image)})
    versions = {"open_clip": open_clip.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__}
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    text = f'{{\n "versions": {json.dumps(versions)},\n "evaluations": [\n{lines}\n ]\n}}\n'
    (Path(__file__).parent / "openClipImages.json").write_text(text)


if __name__ == "__main__":
    main()
