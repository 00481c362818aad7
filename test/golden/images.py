"""Writes images of every kind and what Pillow and numpy make of them: images/kinds/* and images.json.

    /tmp/venv/bin/python test/golden/images.py

images.json holds SHA-256 hashes of RGB bytes, row by row. The hashes of Caltech-101 are made where ../shared/data is.
"""

import hashlib
import io
import json
import math
import struct
import warnings
import zlib
from base64 import b64encode
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

HERE = Path(__file__).parent
KINDS = HERE / "images" / "kinds"
CALTECH = HERE.parents[2] / "shared" / "data" / "caltech-101" / "101_ObjectCategories"
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
W, H = 37, 29
BICUBIC = Image.Resampling.BICUBIC


def sha(image: Image.Image) -> str:
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


# ---------------------------------------------------------------------------------------------------------------------
# Files of every kind


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, depth, colour, rows, extra=b"", interlace=0) -> bytes:
    """A PNG of kinds that Pillow does not write: any depth, chunks and interlacing."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def packed(values, bits):
    """Rows of values of fewer than eight bits."""
    for row in values:
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        yield int(text, 2).to_bytes(len(text) // 8, "big")


def adam7(pixels):
    for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in pixels[y::dy, x::dx]:
            yield np.ascontiguousarray(row).tobytes()


def without_adobe_marker(jpeg: bytes) -> bytes:
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0] :]


def as_ycck(jpeg: bytes) -> bytes:
    """The same data declared as YCCK: the transform byte ends the Adobe marker."""
    at = jpeg.index(b"\xff\xee")
    end = at + 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return jpeg[: end - 1] + b"\x02" + jpeg[end:]


def small_frame(gif: bytes) -> bytes:
    """The same frame on a larger canvas, moved by (3, 2); an extension of 8 bytes stands before it."""
    at = 13 + (3 << ((gif[10] & 7) + 1)) + 8
    assert gif[at : at + 1] == b","
    return gif[:6] + struct.pack("<HH", W + 7, H + 5) + gif[10 : at + 1] + struct.pack("<HH", 3, 2) + gif[at + 5 :]


def write_kinds() -> None:
    KINDS.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:H, 0:W]
    noise = random.integers(0, 50, (H, W, 3))
    pixels = (np.stack([x * 6, 200 - y * 5, (x * y) % 200], -1) + noise).clip(0, 255).astype(np.uint8)
    colour = Image.fromarray(pixels)
    grey = colour.convert("L")
    alpha = Image.fromarray(((x * 9 + y * 3) % 256).astype(np.uint8))
    rgba, grey_alpha = colour.copy(), grey.copy()
    rgba.putalpha(alpha)
    grey_alpha.putalpha(alpha)
    palette = colour.quantize(13)
    bilevel = grey.convert("1")
    grey16 = Image.fromarray((x * 40 + y * 7).astype(np.uint16))
    ink = ((x * 5 + y * 3) % 256).astype(np.uint8)
    inks = Image.fromarray(np.concatenate([pixels, ink[..., None]], -1), "CMYK")

    def save(image: Image.Image, name: str, **options) -> None:
        image.save(KINDS / name, **options)

    def encoded(image: Image.Image, kind: str, **options) -> bytes:
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    def write(name: str, content: bytes) -> None:
        (KINDS / name).write_bytes(content)

    save(colour, "colour.png")
    save(grey, "grey.png")
    save(rgba, "alpha.png")
    save(grey_alpha, "greyAlpha.png")
    save(palette, "palette.png")
    save(palette, "paletteAlpha.png", transparency=bytes([0, 128, 255, 30, 0, 99]))
    save(palette, "paletteKey.png", transparency=3)
    save(colour, "colourKey.png", transparency=tuple(int(v) for v in pixels[3, 3]))
    save(grey, "greyKey.png", transparency=int(np.asarray(grey)[2, 2]))
    save(bilevel, "bilevel.png")
    save(grey16, "grey16.png")
    rows = [row.tobytes() for row in (x * 40 + y * 7).astype(">u2")]
    write("grey16Key.png", png(W, H, 16, 0, rows, chunk(b"tRNS", struct.pack(">H", 47))))
    for name, colour_type, bands in [("colour16.png", 2, 3), ("alpha16.png", 6, 4), ("greyAlpha16.png", 4, 2)]:
        deep = (np.arange(H * W * bands).reshape(H, W, bands) * 40503 % 65536).astype(">u2")
        write(name, png(W, H, 16, colour_type, [row.tobytes() for row in deep]))
    write("grey2.png", png(W, H, 2, 0, packed((x + y) % 4, 2)))
    write("grey4.png", png(W, H, 4, 0, packed((x * y) % 16, 4)))
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    write("gamma.png", png(W, H, 8, 2, [row.tobytes() for row in pixels], gamma))
    write("interlaced.png", png(W, H, 8, 2, adam7(pixels), interlace=1))
    for name, sampling in [("s444.jpg", 0), ("s422.jpg", 1), ("s420.jpg", 2)]:
        save(colour, name, quality=90, subsampling=sampling)
    save(colour, "progressive.jpg", quality=80, progressive=True)
    save(colour, "restart.jpg", quality=85, restart_marker_blocks=2)
    save(grey, "grey.jpg")
    for orientation, name in [(6, "turned.jpg"), (3, "turned.png"), (5, "turned.webp"), (8, "turned.tif")]:
        exif = Image.Exif()
        exif[0x112] = orientation
        save(colour, name, exif=exif)
    cmyk = encoded(inks, "JPEG", quality=90)
    write("cmyk.jpg", cmyk)
    write("cmykPlain.jpg", without_adobe_marker(cmyk))
    write("ycck.jpg", as_ycck(cmyk))
    save(inks, "cmyk.tif", compression="tiff_lzw")
    save(colour, "colour.webp", quality=80)
    save(colour, "lossless.webp", lossless=True)
    save(rgba, "alpha.webp", quality=80)
    save(rgba, "alphaLossless.webp", lossless=True, exact=True)
    save(palette, "palette.gif", interlace=0)
    save(palette, "interlaced.gif", interlace=1)
    save(palette, "transparent.gif", transparency=3)
    save(grey, "grey.gif")
    save(colour, "colour.gif")
    save(palette, "animated.gif", save_all=True, append_images=[colour.transpose(Image.Transpose.ROTATE_180).quantize(9)])
    write("smallFrame.gif", small_frame(encoded(palette, "GIF", transparency=3)))
    save(colour, "colour.tif", compression="tiff_lzw")
    save(colour, "jpeg.tif", compression="jpeg", quality=90)
    save(grey, "grey.tif")
    save(grey_alpha, "greyAlpha.tif")
    save(palette, "palette.tif")
    save(bilevel, "bilevel.tif")
    save(rgba, "alpha.tif", compression="tiff_lzw")
    save(grey16, "grey16.tif", compression="tiff_lzw")
    save(Image.fromarray((x * 8.3 + y).astype(np.float32)), "float.tif", compression="tiff_lzw")
    save(colour, "colour.avif", quality=90, subsampling="4:4:4", speed=6)


# ---------------------------------------------------------------------------------------------------------------------
# Resizing, cropping, augmenting


def drawn(width: int, height: int) -> Image.Image:
    """Pixels that TypeScript draws as well: full of edges, so that the cubic overshoots."""
    y, x = np.mgrid[0:height, 0:width]
    bands = [((x * x * 3 + y * y * 5 + x * y * 7 + c * 85) ^ (x * 13 + y * 29)) & 255 for c in range(3)]
    return Image.fromarray(np.stack(bands, -1).astype(np.uint8))


def resizes():
    sizes = [(1, 1), (1, 7), (2, 3), (5, 4), (13, 17), (64, 64), (100, 75), (301, 199), (500, 375), (37, 640), (1021, 33)]
    targets = [(1, 1), (3, 2), (7, 11), (32, 32), (64, 21), (224, 224), (299, 224), (224, 301)]
    for width, height in sizes:
        image = drawn(width, height)
        for target in targets:
            yield {"source": [width, height], "size": target, "sha256": sha(image.resize(target, BICUBIC))}


def evaluation(image: Image.Image, size: int, crop: int) -> Image.Image:
    """transformers' CLIPImageProcessor; crop() fills what lies outside with black."""
    width, height = image.size
    scaled = (size, int(size * height / width)) if width <= height else (int(size * width / height), size)
    left, top = (scaled[0] - crop) // 2, (scaled[1] - crop) // 2
    return image.resize(scaled, BICUBIC).crop((left, top, left + crop, top + crop))


def evaluations():
    shapes = [(500, 375), (375, 500), (300, 168), (224, 224), (225, 224), (19, 31), (640, 33), (224, 999), (401, 400)]
    for width, height in shapes:
        for size, crop in [(224, 224), (336, 336), (32, 32), (64, 56), (21, 32)]:
            image = evaluation(drawn(width, height), size, crop)
            yield {"source": [width, height], "size": size, "cropSize": crop, "sha256": sha(image)}


def normalised() -> str:
    """All 256 values of the three channels in float32, [3, 256], base64 of little-endian bytes."""
    values = np.arange(256, dtype=np.float32) / np.float32(255)
    mean, std = np.asarray(MEAN, np.float32)[:, None], np.asarray(STD, np.float32)[:, None]
    return b64encode(((values - mean) / std).astype("<f4").tobytes()).decode()


def uniform(*integers: int) -> float:
    """src/util/hash.ts: MurmurHash3's rounds and finaliser over 32-bit integers."""
    mask = 0xFFFFFFFF
    h = len(integers)
    for value in integers:
        k = value * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) & mask
        h ^= k * 0x1B873593 & mask
        h = ((h << 13 | h >> 19) * 5 + 0xE6546B64) & mask
    h = (h ^ h >> 16) * 0x85EBCA6B & mask
    h = (h ^ h >> 13) * 0xC2B2AE35 & mask
    return (h ^ h >> 16) / 2**32


def augmentation(width: int, height: int, seed: int, epoch: int, sample: int):
    """torchvision's RandomResizedCrop.get_params and RandomHorizontalFlip with the draws of src/data/transforms.ts."""
    draw = lambda attempt, which: uniform(0x63726F70, seed, epoch, sample, attempt, which)
    flip = draw(0, 0) < 0.5
    for attempt in range(1, 11):
        area = width * height * (0.08 + (1 - 0.08) * draw(attempt, 0))
        low, high = math.log(3 / 4), math.log(4 / 3)
        ratio = math.exp(low + (high - low) * draw(attempt, 1))
        w, h = int(round(math.sqrt(area * ratio))), int(round(math.sqrt(area / ratio)))
        if 0 < w <= width and 0 < h <= height:
            i, j = int(draw(attempt, 2) * (height - h + 1)), int(draw(attempt, 3) * (width - w + 1))
            return (j, i, w, h), flip
    if width / height < 3 / 4:
        w, h = width, int(round(width / (3 / 4)))
    elif width / height > 4 / 3:
        w, h = int(round(height * (4 / 3))), height
    else:
        w, h = width, height
    return ((width - w) // 2, (height - h) // 2, w, h), flip


def augmentations():
    shapes = [(500, 375), (300, 400), (64, 64), (1000, 20), (7, 90), (11, 13)]
    for width, height in shapes:
        image = drawn(width, height)
        for seed, epoch, sample in [(1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0), (3, 17, 4126), (1, 2, 3), (5, 6, 7)]:
            (left, top, w, h), flip = augmentation(width, height, seed, epoch, sample)
            part = image.crop((left, top, left + w, top + h)).resize((96, 96), BICUBIC)
            part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else part
            yield {
                "source": [width, height],
                "draw": {"seed": seed, "epoch": epoch, "sample": sample},
                "box": {"left": left, "top": top, "width": w, "height": h},
                "flip": flip,
                "sha256": sha(part),
            }


def caltech():
    folders = sorted(folder for folder in CALTECH.iterdir() if folder.is_dir())
    for number, folder in enumerate(folders):
        files = sorted(folder.iterdir())
        path = files[number * 7 % len(files)]
        image = Image.open(path).convert("RGB")
        yield {
            "path": path.relative_to(CALTECH).as_posix(),
            "decoded": sha(image),
            "evaluation": sha(evaluation(image, 224, 224)),
        }


def kinds():
    for path in sorted(KINDS.iterdir()):
        image = Image.open(path)
        width, height = image.size
        case = {"file": path.name, "mode": image.mode, "width": width, "height": height}
        # Decoders of AVIF differ in rounding, so the pixels themselves are kept.
        pixels = {"rgb": b64encode(image.convert("RGB").tobytes()).decode()} if path.suffix == ".avif" else {}
        yield case | {"sha256": sha(image)} | pixels


def main() -> None:
    warnings.simplefilter("ignore")
    write_kinds()
    if not CALTECH.is_dir():
        raise SystemExit(f"{CALTECH} is missing; without it the hashes of real images cannot be made")
    cases = {
        "kinds": list(kinds()),
        "resizes": list(resizes()),
        "evaluations": list(evaluations()),
        "augmentations": list(augmentations()),
        "caltech": list(caltech()),
    }
    lines = ",\n".join(
        f" {json.dumps(name)}: [\n" + ",\n".join("  " + json.dumps(case) for case in rows) + "\n ]"
        for name, rows in cases.items()
    )
    versions = json.dumps({"pillow": PIL.__version__, "numpy": np.__version__})
    text = f'{{\n "versions": {versions},\n "normalised": "{normalised()}",\n{lines}\n}}\n'
    (HERE / "images.json").write_text(text)


if __name__ == "__main__":
    main()
