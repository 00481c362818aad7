"""Writes tokens.json: texts and their ids by transformers' CLIPTokenizer with CLIP's real vocabulary.

    /tmp/venv/bin/python test/golden/tokens.py [bpe_simple_vocab_16e6.txt.gz]
"""

import sys
from pathlib import Path

import gladReference as reference
from realVocabulary import SHARED, clip_tokenizer
from tinyClips import write_json

TEXTS = [
    "a photo of a cat.",
    "a photo of a Boeing 737-800, a type of aircraft.",
    "a centered satellite photo of Annual Crop Land.",
    "2012 Acura RL Sedan",
    "it's the dog's bowl, they've said; I'm sure we'd've",
    "  tabs\tand\nnew   lines  ",
    "",
    "\u00fcber caf\u00e9 na\u00efve \u0130stanbul stra\u00dfe",
    "cafe\u0301 (combining accent)",
    "\u65e5\u672c\u8a9e \u041c\u043e\u0441\u043a\u0432\u0430 \U0001f600\U0001f680",
    "x\u00b2 + y\u00b2 = z\u00b2 \u00bd 100% $5.00 #tag @user!!! ... ???",
    "<|endoftext|> inside",
    "co-op's 'quoted' \"double\" [brackets] {}",
    "word " * 100,
]


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    tokenizer = clip_tokenizer(path)
    ids = [tokenizer(text, truncation=True, max_length=77)["input_ids"] for text in TEXTS]
    cases = [{"text": text, "ids": row} for text, row in zip(TEXTS, ids)]
    write_json(Path(__file__).parent / "tokens.json", {"cases": cases, "versions": reference.versions()})
    for case in cases:
        print(len(case["ids"]), repr(case["text"])[:60], case["ids"][:12])


if __name__ == "__main__":
    main()
