import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Tokenizer } from "@huggingface/tokenizers";
import { messageOf, UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { visible } from "../util/text";
import { clipTokenizerJson, type Merge, vocabularyOf } from "./clipVocabulary";

/** CLIP's byte-pair encoding of prompts. */
export interface ClipTokenizer {
  /**
   * The token ids of a text between start and end of text. A text that is longer than the context is cut so that end of
   * text is its last token, as transformers and CLIP do.
   */
  encode(text: string): number[];
  contextLength: number;
  /** One above the highest token id; a model's vocabulary must be at least as large. */
  vocabularySize: number;
}

/** OpenAI's file of merges, as CLIP's and OpenCLIP's source code hold it. */
const openAiMerges = "bpe_simple_vocab_16e6.txt.gz";
const openAiMergeCount = 49152 - 256 - 2;

/**
 * Opens the tokenizer of a model folder: tokenizer.json, else vocab.json with merges.txt, else OpenAI's file of merges.
 * Gives the same ids as transformers' CLIPTokenizer. Throws a UserError where there is none or it is not CLIP's.
 */
export function openTokenizer(folder: string, contextLength: number): ClipTokenizer {
  const { json, source } = readTokenizerJson(folder);
  const tokenizer = libraryTokenizer(json, source);
  const around = tokenizer.encode("").ids;
  const [start, end] = around;
  if (start === undefined || end === undefined || around.length !== 2) {
    throw new UserError(
      `${source}: puts ${around.length} tokens around a text and not a start and an end, so it is not CLIP's tokenizer; choose another model`,
    );
  }
  const ids = [...tokenizer.get_vocab().values()];
  return {
    encode(text) {
      // JavaScript lower-cases a sigma at a word's end to another letter; CLIP's tokenizer knows no context.
      const plain = text.replaceAll("\u03a3", "\u03c3");
      const { ids: inner } = tokenizer.encode(plain, { add_special_tokens: false });
      return [start, ...inner.slice(0, contextLength - 2), end];
    },
    contextLength,
    vocabularySize: ids.reduce((highest, id) => Math.max(highest, id), -1) + 1,
  };
}

/** Throws the UserError of a folder whose tokenizer is missing, unreadable or not CLIP's, at less cost than opening it. */
export function checkTokenizer(folder: string): void {
  const { json, source } = readTokenizerJson(folder);
  checkKind(json, source);
}

function readTokenizerJson(folder: string): { json: unknown; source: string } {
  const whole = join(folder, "tokenizer.json");
  if (existsSync(whole)) {
    return { json: parseJsonText(readTextFile(whole, "the tokenizer"), whole), source: whole };
  }
  const vocabulary = join(folder, "vocab.json");
  const merges = join(folder, "merges.txt");
  if (existsSync(vocabulary) && existsSync(merges)) {
    const json = clipTokenizerJson(readVocabulary(vocabulary), readMerges(merges), vocabulary);
    return { json, source: vocabulary };
  }
  const packed = join(folder, openAiMerges);
  if (existsSync(packed)) {
    const pairs = openAiPairs(packed);
    return { json: clipTokenizerJson(vocabularyOf(pairs), pairs, packed), source: packed };
  }
  throw new UserError(
    `${folder}: holds no tokenizer (tokenizer.json, vocab.json with merges.txt, or ${openAiMerges}); download the whole model with \`glad model pull\``,
  );
}

function checkKind(json: unknown, source: string): void {
  const model = (json as { model?: { type?: unknown; end_of_word_suffix?: unknown } } | null)
    ?.model;
  if (typeof model !== "object" || model === null || model.end_of_word_suffix !== "</w>") {
    throw new UserError(
      `${source}: is not CLIP's byte-pair encoding (its model has no end_of_word_suffix "</w>"); choose another model`,
    );
  }
}

function libraryTokenizer(json: unknown, source: string): Tokenizer {
  checkKind(json, source);
  try {
    return new Tokenizer(json as object, {});
  } catch (error) {
    throw new UserError(`${source}: is not a usable tokenizer (${messageOf(error)})`);
  }
}

function readVocabulary(file: string): Record<string, number> {
  const json = parseJsonText(readTextFile(file, "the vocabulary"), file);
  const good =
    typeof json === "object" &&
    json !== null &&
    Object.values(json).every((id) => Number.isSafeInteger(id) && (id as number) >= 0);
  if (!good) throw new UserError(`${file}: is not an object that gives each token its number`);
  return json as Record<string, number>;
}

function readMerges(file: string): Merge[] {
  const lines = readTextFile(file, "the list of merges").split(/\r?\n/);
  // The first line tells a version.
  return parseMerges(lines[0]?.startsWith("#version") ? lines.slice(1) : lines, file);
}

function openAiPairs(file: string): Merge[] {
  let text: string;
  try {
    text = gunzipSync(readFileSync(file)).toString("utf8");
  } catch (error) {
    throw new UserError(`${file}: cannot be unpacked (${messageOf(error)}); download it again`);
  }
  // Lines after these belong to a larger vocabulary that CLIP does not use.
  const merges = parseMerges(text.split("\n").slice(1, openAiMergeCount + 1), file);
  if (merges.length === openAiMergeCount) return merges;
  throw new UserError(
    `${file}: holds ${merges.length} merges, expected ${openAiMergeCount}; download it again`,
  );
}

function parseMerges(lines: readonly string[], file: string): Merge[] {
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [left, right, ...more] = line.trim().split(" ");
      if (left === undefined || right === undefined || more.length > 0) {
        throw new UserError(
          `${file}: the line "${visible(line.slice(0, 60))}" is not two parts and a blank`,
        );
      }
      return [left, right] as const;
    });
}
