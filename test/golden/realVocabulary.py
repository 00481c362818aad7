"""CLIP's real vocabulary as openai/CLIP publishes it (a gzip of merges), in the form that CLIPTokenizer takes."""

import gzip
from pathlib import Path

from transformers import CLIPTokenizer

SHARED = Path(__file__).parents[3] / "shared" / "data" / "clip-vocabulary" / "bpe_simple_vocab_16e6.txt.gz"
MERGES = 49152 - 256 - 2


def byte_characters() -> list[str]:
    """The 256 characters that stand for bytes, in the vocabulary's order: printable ones first, the rest from U+0100."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = 256 - len(printable)
    return [chr(code) for code in [*printable, *range(256, 256 + others)]]


def clip_tokenizer(path: Path = SHARED) -> CLIPTokenizer:
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    merges = [tuple(line.split()) for line in lines[1 : MERGES + 1]]
    characters = byte_characters()
    tokens = [*characters, *(c + "</w>" for c in characters), *("".join(pair) for pair in merges)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    if len(vocabulary) != 49408:
        raise SystemExit(f"{path}: expected 49408 tokens, found {len(vocabulary)}")
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)
