import { UserError } from "../util/errors";

export const startOfText = "<|startoftext|>";
export const endOfText = "<|endoftext|>";

/** CLIP's pattern of words: special tokens, English contractions, runs of letters, single digits, runs of other signs. */
const words =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** A pair of parts that byte-pair encoding joins; earlier pairs first. */
export type Merge = readonly [string, string];

/**
 * CLIP's tokenizer as the object that a `tokenizer.json` holds, from a vocabulary with its merges; the same as
 * transformers' CLIPTokenizer makes of them. `source` names the files in the error.
 */
export function clipTokenizerJson(
  vocabulary: Readonly<Record<string, number>>,
  merges: readonly Merge[],
  source = "the vocabulary",
): unknown {
  const id = (token: string): number => {
    const found = vocabulary[token];
    if (found === undefined) {
      throw new UserError(
        `${source}: the token ${token} is missing, so this is no CLIP vocabulary`,
      );
    }
    return found;
  };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [startOfText, endOfText].map((content) => ({
      id: id(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: words }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [endOfText, id(endOfText)],
      cls: [startOfText, id(startOfText)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: endOfText,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges,
    },
  };
}

/**
 * The vocabulary that belongs to merges, numbered as OpenAI's: the 256 characters that stand for bytes, the same at a
 * word's end, what each merge makes, start and end of text.
 */
export function vocabularyOf(merges: readonly Merge[]): Record<string, number> {
  const characters = byteCharacters();
  const tokens = [
    ...characters,
    ...characters.map((character) => `${character}</w>`),
    ...merges.map(([left, right]) => left + right),
    startOfText,
    endOfText,
  ];
  return Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
}

/** Merges that make each of the given words one token, from its letters left to right. */
export function mergesOf(names: readonly string[]): Merge[] {
  const merges = new Map<string, Merge>();
  for (const name of names) {
    const letters = [...name];
    const parts = letters.map((letter, i) => (i === letters.length - 1 ? `${letter}</w>` : letter));
    let left = parts[0] ?? "";
    for (const right of parts.slice(1)) {
      merges.set(`${left} ${right}`, [left, right]);
      left += right;
    }
  }
  return [...merges.values()];
}

/** The characters that stand for the 256 bytes, in OpenAI's order: printable ones first, the others from U+0100. */
function byteCharacters(): string[] {
  const range = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const printable = [...range(0x21, 0x7e), ...range(0xa1, 0xac), ...range(0xae, 0xff)];
  return [...printable, ...range(256, 255 + 256 - printable.length)].map((code) =>
    String.fromCodePoint(code),
  );
}
