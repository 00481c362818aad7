"""Writes tokens.json: texts and their ids by transformers' CLIPTokenizer with CLIP's real vocabulary.

    /tmp/venv/bin/python test/golden/tokens.py [bpe_simple_vocab_16e6.txt.gz]
"""

import json
import sys
from pathlib import Path

import gladReference as reference
from realVocabulary import SHARED, clip_tokenizer

CALTECH = SHARED.parents[1] / "caltech-101" / "split_zhou_Caltech101.json"

TEXTS = [
    "a photo of a cat.",
    "a photo of a Boeing 737-800, a type of aircraft.",
    "a centered satellite photo of Annual Crop Land.",
    "2012 Acura RL Sedan",
    "it's the dog's bowl, they've said; I'm sure we'd've",
    "IT'S THE DOG'S BOWL, THEY'VE SAID; I'M SURE WE'LL",
    "it\u2019s curly, they\u2019re curly",
    "  tabs\tand\nnew   lines  ",
    "no\u00a0break, thin\u2009space, ideographic\u3000space, zero\u200bwidth, feff\ufeffmark, next\u0085line",
    "",
    " ",
    "\n\t ",
    "\u00fcber caf\u00e9 na\u00efve \u0130stanbul stra\u00dfe",
    "\u00dcBER CAF\u00c9 NA\u00cfVE STRASSE \u1e9e",
    "cafe\u0301 (combining accent)",
    "A\u030angstro\u0308m \u212b \u2126 \u212a",
    "\u039f\u0394\u039f\u03a3 \u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3 a\u03a3. \u03a3\u0301",
    "\u03bf\u03b4\u03cc\u03c2 \u03c3\u03bf\u03c6\u03cc\u03c2",
    "\u65e5\u672c\u8a9e \u041c\u043e\u0441\u043a\u0432\u0430 \U0001f600\U0001f680",
    "\u4e00\u53ea\u732b\u7684\u7167\u7247",
    "\uace0\uc591\uc774 \uc0ac\uc9c4 \u1100\u1161\u11a8",
    "\u0635\u0648\u0631\u0629 \u0642\u0637\u0629 \u0661\u0662\u0663",
    "\u0e23\u0e39\u0e1b\u0e20\u0e32\u0e1e\u0e41\u0e21\u0e27 \u0939\u093f\u0928\u094d\u0926\u0940",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea \u2764\ufe0f",
    "\U00010400\U00010428 \U0001d49c \U00020000",
    "x\u00b2 + y\u00b2 = z\u00b2 \u00bd 100% $5.00 #tag @user!!! ... ???",
    "\u2167 \u2462 \u0663 \uff11\uff12 \ufb01sh \uff21\uff22",
    "0 1 12 123 1234 12345 3.14159 1e-5 0x1F 2nd 3rd 10th",
    "<|endoftext|> inside",
    "inside <|startoftext|> and <|endoftext|>.",
    "<|ENDOFTEXT|> <|StartOfText|> <|endoftext",
    "<p>Tom &amp; Jerry&nbsp;&lt;3</p> <br/>",
    "https://example.org/a_b-c?d=e&f=%20",
    "co-op's 'quoted' \"double\" [brackets] {}",
    "snake_case CamelCase kebab-case dotted.name",
    "''' 's 't 're 've 'm 'll 'd 'S 'T",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "hahahahahahaha nooooooo zzzzzzzz !!!!!!!! --------",
    "Pneumonoultramicroscopicsilicovolcanoconiosis",
    "e" * 400,
    "word " * 100,
    "one two three four five six seven eight nine ten " * 9,
    "\U0001f600" * 60,
    "\x00\x01\x07 control \x7f\x80 \ufffd",
    "\u00ad soft\u00adhyphen \u2011 \u2013 \u2014 \u2026",
]

WORDS = ["Airplanes", "brontosaurus", "cougar_face", "Dollar Bill", "gerenuk", "Windsor Chair", "yin yang"]
TEMPLATES = [
    "a photo of a {}.", "itap of a {}.", "a bad photo of the {}.", "a origami {}.", "a photo of the large {}.", "a {} in a video game.",
    "art of the {}.", "a photo of the small {}.", "{} texture.", "a photo of a {}, a type of pet.", "a photo of a {}, a type of flower.",
    "a photo of a person doing {}.", "{}", "A PHOTO OF A {}!", "a sketch of the {}", "#{} @{}",
]


def caltech_prompts() -> list[str]:
    split = json.loads(CALTECH.read_text())
    names = {label: name for part in split.values() for _, label, name in part}
    return [f"a photo of a {names[label].replace('_', ' ')}." for label in sorted(names)]


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    tokenizer = clip_tokenizer(path)
    texts = [*TEXTS, *(template.replace("{}", word) for word in WORDS for template in TEMPLATES), *caltech_prompts()]
    lines = [
        " " + json.dumps({"text": text, "ids": tokenizer(text, truncation=True, max_length=77)["input_ids"]}, ensure_ascii=True)
        for text in dict.fromkeys(texts)
    ]
    content = "{\n" + f' "versions": {json.dumps(reference.versions())},\n "cases": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    (Path(__file__).parent / "tokens.json").write_text(content)
    print(f"{len(lines)} texts")


if __name__ == "__main__":
    main()
