"""Writes demoTokens.json: texts and their ids by transformers' CLIPTokenizer with the demo model's tokenizer files.

    /tmp/venv/bin/python test/golden/demoTokens.py
"""

import json
from pathlib import Path

from transformers import CLIPTokenizer

import gladReference as reference

FOLDER = Path(__file__).parents[2] / "media" / "demo"
TEXTS = [
    "a photo of a striped star.",
    "an image of a small orange checkered heart on a grey background.",
    "a sketch of a large netted drop on grey paper",
    "a picture of an orange house",
    "plain diamond",
    # Not of the world: spelt in bytes, in capitals, longer than the context.
    "A Photo of a ZEBRA!",
    "über 12 stars",
    "",
    "star " * 40,
]


def main() -> None:
    tokenizer = CLIPTokenizer.from_pretrained(FOLDER)
    length = json.loads((FOLDER / "config.json").read_text())["text_config"]["max_position_embeddings"]
    cases = [{"text": text, "ids": tokenizer(text, truncation=True, max_length=length)["input_ids"]} for text in TEXTS]
    lines = ",\n".join(" " + json.dumps(case) for case in cases)
    content = "{\n" + f' "versions": {json.dumps(reference.versions())},\n "cases": [\n{lines}\n ]\n}}\n'
    (Path(__file__).parent / "demoTokens.json").write_text(content)
    print(f"{len(cases)} texts")


if __name__ == "__main__":
    main()
