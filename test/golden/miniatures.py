"""Writes miniatures.json: small data sets with the file names, formats and oddities of the published ones, for
test/data/loaders.test.ts (which makes them on disk) and loaders.py (which reads them as CoOp's code would).

Of each: `folders` in CoOp's and in CLIP-LoRA's layout, `imageRoot` in CoOp's, `json` and `text` files, `images` that no
list names or that are found by looking, `others` that are no images.

Run: python3 test/golden/miniatures.py
"""

import json
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))


def zhou(seed, classes, counts=(18, 6, 4)):
    """Lists over `classes`: (path of image i of a part, name); in mixed order, with fewer images in the last class."""
    chance = random.Random(seed)
    lists = {}
    for part, count in zip(("train", "val", "test"), counts):
        items = []
        for label, (path, name) in enumerate(classes):
            fewer = 3 if label == len(classes) - 1 and part == "train" else count
            numbers = {"train": 0, "val": 100, "test": 200}[part]
            items += [[path(numbers + i, part), label, name] for i in range(fewer)]
        # The published lists are by class, with the images of a class in random order. One list is turned round here, so
        # that classes do not first appear in the order of their labels.
        order = list(range(len(items)))
        chance.shuffle(order)
        order.sort(key=lambda i: items[i][1] if part != "val" else -items[i][1])
        lists[part] = [items[i] for i in order]
    return lists


def in_folder(folder, pattern):
    return lambda i, part: f"{folder}/{pattern.format(i + 1)}"


def caltech():
    names = ["Faces", "Leopards", "Motorbikes", "accordion", "airplanes", "car_side"]
    renamed = {"Faces": "face", "Leopards": "leopard", "Motorbikes": "motorbike", "airplanes": "airplane"}
    classes = [(in_folder(f, "image_{:04d}.jpg"), renamed.get(f, f)) for f in names]
    return {
        "folders": ["caltech-101", "Caltech101"],
        "imageRoot": "101_ObjectCategories",
        "json": {"split_zhou_Caltech101.json": zhou(1, classes)},
        "images": [
            "101_ObjectCategories/BACKGROUND_Google/image_0001.jpg",
            "101_ObjectCategories/Faces_easy/image_0001.jpg",
        ],
    }


def pets():
    breeds = ["Abyssinian", "american_bulldog", "american_pit_bull_terrier", "beagle", "Bengal"]
    classes = [(lambda i, part, b=b: f"{b}_{i + 1}.jpg", b.lower()) for b in breeds]
    return {
        "folders": ["oxford_pets", "OxfordPets"],
        "imageRoot": "images",
        "json": {"split_zhou_OxfordPets.json": zhou(2, classes)},
        "text": {"annotations/trainval.txt": "Abyssinian_1 1 1 1\n"},
        "others": ["images/Abyssinian_100.mat"],
    }


def cars():
    names = [
        "2000 AM General Hummer SUV",
        "2012 Acura RL Sedan",
        "2012 BMW 3 Series Wagon",
        "2012 Ram C/V Cargo Van Minivan",
    ]

    def path(label):
        # Numbers start anew below cars_test.
        return lambda i, part: (
            f"cars_test/{label * 9 + i - 199:05d}.jpg"
            if part == "test"
            else f"cars_train/{label * 200 + i + 1:05d}.jpg"
        )

    return {
        "folders": ["stanford_cars", "StanfordCars"],
        "imageRoot": "",
        "json": {"split_zhou_StanfordCars.json": zhou(3, [(path(i), n) for i, n in enumerate(names)])},
        "others": ["devkit/cars_meta.mat", "cars_test_annos_withlabels.mat"],
    }


def flowers():
    names = ["pink primrose", "hard-leaved pocket orchid", "canterbury bells", "sweet pea", "english marigold"]
    classes = [
        (lambda i, part, k=k: f"image_{k * 1000 + i + 1:05d}.jpg", n) for k, n in enumerate(names)
    ]
    # The numbers of cat_to_name.json count from 1, and are in no order.
    numbered = [(str(i + 1), n) for i, n in enumerate(names)]
    return {
        "folders": ["oxford_flowers", "Flower102"],
        "imageRoot": "jpg",
        "json": {
            "split_zhou_OxfordFlowers.json": zhou(4, classes),
            "cat_to_name.json": dict(numbered[2:] + numbered[:2]),
        },
        "others": ["imagelabels.mat"],
    }


def by_folder(seed, names, pattern):
    return zhou(seed, [(in_folder(name, pattern), name) for name in names])


def food():
    names = ["apple_pie", "baby_back_ribs", "baklava", "beef_carpaccio", "beet_salad"]
    return {
        "folders": ["food-101", "Food101"],
        "imageRoot": "images",
        "json": {"split_zhou_Food101.json": by_folder(5, names, "{:d}1056.jpg")},
        "text": {"meta/classes.txt": "\n".join(names) + "\n"},
    }


def sun():
    places = ["a/abbey", "a/airplane_cabin", "a/apartment_building/outdoor", "c/church/indoor", "c/church/outdoor"]
    classes = [
        (in_folder(p, "sun_a{:04d}zqrimafwbiv.jpg"), " ".join(p.split("/")[1:][::-1])) for p in places
    ]
    return {
        "folders": ["sun397", "SUN397"],
        "imageRoot": "SUN397",
        "json": {"split_zhou_SUN397.json": zhou(6, classes)},
        "text": {"ClassName.txt": "".join(f"/{p}\n" for p in places)},
    }


def dtd():
    names = ["banded", "blotchy", "crosshatched", "polka-dotted", "waffled"]
    classes = [(in_folder(n, n + "_{:04d}.jpg"), n) for n in names]
    return {
        "folders": ["dtd", "DTD"],
        "imageRoot": "images",
        "json": {"split_zhou_DescribableTextures.json": zhou(7, classes)},
        "others": ["images/waffled/.directory"],
    }


def eurosat():
    names = {
        "AnnualCrop": "Annual Crop Land",
        "Forest": "Forest",
        "HerbaceousVegetation": "Herbaceous Vegetation Land",
        "Highway": "Highway or Road",
        "Industrial": "Industrial Buildings",
        "Pasture": "Pasture Land",
        "PermanentCrop": "Permanent Crop Land",
        "Residential": "Residential Buildings",
        "River": "River",
        "SeaLake": "Sea or Lake",
    }
    classes = [(in_folder(f, f + "_{:d}.jpg"), n) for f, n in names.items()]
    return {
        "folders": ["eurosat", "eurosat"],
        "imageRoot": "2750",
        # More than 21 of a class, so that Python samples by a set instead of a pool.
        "json": {"split_zhou_EuroSAT.json": zhou(8, classes, (22, 3, 2))},
    }


def ucf():
    names = ["Apply_Eye_Makeup", "Baby_Crawling", "Handstand_Pushups", "Tai_Chi", "Yo_Yo"]
    classes = [
        (in_folder(n, "v_" + n.replace("_", "") + "_g{:02d}_c01.jpg"), n) for n in names
    ]
    return {
        "folders": ["ucf101", "UCF101"],
        "imageRoot": "UCF-101-midframes",
        "json": {"split_zhou_UCF101.json": zhou(9, classes)},
    }


def aircraft():
    variants = ["707-320", "BAE 146-200", "Boeing 717", "F-16A/B", "F/A-18", "Model B200"]
    chance = random.Random(10)
    text = {"variants.txt": "".join(v + "\n" for v in variants), "families.txt": "Boeing 707\n"}
    images = []
    for part, count in (("train", 7), ("val", 5), ("test", 4)):
        # Numbers of seven digits, some with zeros in front; the official lists are sorted by variant.
        lines = []
        for variant in variants:
            for _ in range(count):
                image = f"{chance.randrange(10**7):07d}"
                lines.append(f"{image} {variant}\n")
                images.append(f"images/{image}.jpg")
        text[f"images_variant_{part}.txt"] = "".join(lines)
        text[f"images_{part}.txt"] = "".join(line.split(" ")[0] + "\n" for line in lines)
    return {"folders": ["fgvc_aircraft", "fgvc_aircraft"], "imageRoot": "images", "text": text, "images": images}


# Two missiles, two sunglasses, two cranes that CLIP's names tell apart.
CLASSES = [
    ("n01440764", "tench"),
    ("n01443537", "goldfish"),
    ("n01498041", "stingray"),
    ("n01608432", "kite (bird of prey)"),
    ("n02012849", "crane bird"),
    ("n03126707", "construction crane"),
    ("n03773504", "missile"),
    ("n04008634", "missile"),
    ("n04355933", "sunglasses"),
    ("n04356056", "sunglasses"),
    ("n07753592", "banana"),
    ("n07768694", "pomegranate"),
]
CLASSNAMES = {"classnames.txt": "".join(f"{wnid} {name}\n" for wnid, name in CLASSES)}


def imagenet():
    chance = random.Random(11)
    images = []
    for wnid, _ in CLASSES:
        for number in chance.sample(range(1, 20000), 24):
            images.append(f"images/train/{wnid}/{wnid}_{number}.JPEG")
    for i, number in enumerate(chance.sample(range(1, 50001), 36)):
        images.append(f"images/val/{CLASSES[i % 12][0]}/ILSVRC2012_val_{number:08d}.JPEG")
    chance.shuffle(images)
    return {
        "folders": ["imagenet", "imagenet"],
        "imageRoot": "images",
        "text": CLASSNAMES,
        "images": images,
        "others": ["images/train/.DS_Store", "images/val/valprep.sh"],
    }


def shifted(folder, root, names, wnids, seed, others=()):
    chance = random.Random(seed)
    images = [f"{root}/{below}/{name}" for below in wnids for name in names]
    chance.shuffle(images)
    return {
        "folders": [folder, None],
        "imageRoot": root,
        "text": CLASSNAMES,
        "images": images,
        "others": list(others),
    }


def main():
    sketches = [f"sketch_{i}.JPEG" for i in (0, 1, 2, 10)]
    adversarial = ["0.000116_digital clock _ digital clock_0.865662.jpg", "0.01_web _ web_0.5.jpg"]
    renditions = ["art_0.jpg", "art_10.jpg", "art_2.jpg", "videogame_1.jpg"]
    hashes = ["0af3f1b55de791c4144e2fb6d7dfe96dfc22d3fc.jpeg", "f7c1a1cb7d5b6d8c9d0ea6d2a2b6b2f10e5c1a44.jpeg"]
    wnids = [wnid for wnid, _ in CLASSES]
    v2 = "imagenetv2-matched-frequency-format-val"
    sets = {
        "imagenet": imagenet(),
        "caltech101": caltech(),
        "oxfordpets": pets(),
        "stanfordcars": cars(),
        "flowers102": flowers(),
        "food101": food(),
        "fgvcaircraft": aircraft(),
        "sun397": sun(),
        "dtd": dtd(),
        "eurosat": eurosat(),
        "ucf101": ucf(),
        "imagenetv2": shifted("imagenetv2", v2, hashes, range(12), 12),
        "imagenet-sketch": shifted("imagenet-sketch", "images", sketches, wnids, 13),
        "imagenet-a": shifted(
            "imagenet-adversarial", "imagenet-a", adversarial, wnids[2:9:2], 14, ["imagenet-a/README.txt"]
        ),
        "imagenet-r": shifted(
            "imagenet-rendition", "imagenet-r", renditions, wnids[1:12:3], 15, ["imagenet-r/README.txt"]
        ),
    }
    empty = {"json": {}, "text": {}, "images": [], "others": []}
    with open(os.path.join(HERE, "miniatures.json"), "w", encoding="utf-8") as file:
        json.dump({name: {**empty, **each} for name, each in sets.items()}, file)
        file.write("\n")


main()
