import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTokenizer } from "../../src/data/tokenizer";
import { UserError } from "../../src/util/errors";
import { sharedData } from "../support/sharedData";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyTokenizerJson } from "../support/tinyClip";

const golden = join(import.meta.dirname, "../golden");

/** A folder with CLIP's real vocabulary, or null where it is not at hand. */
function realVocabulary(): string | null {
  const name = "bpe_simple_vocab_16e6.txt.gz";
  const source = sharedData(`clip-vocabulary/${name}`, "ids of CLIP's real vocabulary");
  if (source === null) return null;
  const folder = temporaryFolder();
  cpSync(source, join(folder, name));
  return folder;
}

test("gives transformers' ids with CLIP's real vocabulary", (context) => {
  const folder = realVocabulary();
  if (folder === null) return context.skip();
  const { cases } = JSON.parse(readFileSync(join(golden, "tokens.json"), "utf8")) as {
    cases: { text: string; ids: number[] }[];
  };
  const tokenizer = openTokenizer(folder, 77);
  expect(tokenizer.vocabularySize).toBe(49408);
  expect(cases.length).toBeGreaterThan(200);
  const wrong = cases.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join());
  expect(wrong.map(({ text, ids }) => ({ text, ids, ours: tokenizer.encode(text) }))).toEqual([]);
});

test.each([
  ["clip-a", "a-qkv"],
  ["clip-b", "b-all"],
  ["clip-c", "c-all"],
])("gives transformers' ids with the tiny vocabulary of %s", (model, name) => {
  const { prompts, inputIds } = JSON.parse(readFileSync(join(golden, `${name}.json`), "utf8")) as {
    prompts: string[];
    inputIds: number[][];
  };
  const tokenizer = openTokenizer(join(golden, model), inputIds[0]!.length);
  prompts.forEach((prompt, i) => {
    const ids = tokenizer.encode(prompt);
    // The reference is padded to the context.
    expect(ids).toEqual(inputIds[i]!.slice(0, ids.length));
  });
});

interface TokenizerJson {
  model: { vocab: Record<string, number>; merges: [string, string][]; end_of_word_suffix: string };
  post_processor: unknown;
}

function tinyFolder(change: (json: TokenizerJson) => unknown = (json) => json): string {
  const json = tinyTokenizerJson() as TokenizerJson;
  return temporaryFolder({ "tokenizer.json": JSON.stringify(change(json)) });
}

test("cuts a long text to the context and keeps end of text", () => {
  const tokenizer = openTokenizer(tinyFolder(), 6);
  const { vocab } = (tinyTokenizerJson() as TokenizerJson).model;
  const [start, end] = [vocab["<|startoftext|>"]!, vocab["<|endoftext|>"]!];
  const cat = vocab["cat</w>"]!;
  expect(tokenizer.encode("cat cat cat cat")).toEqual([start, cat, cat, cat, cat, end]);
  expect(tokenizer.encode("cat cat cat cat cat")).toEqual([start, cat, cat, cat, cat, end]);
  expect(tokenizer.encode("")).toEqual([start, end]);
  expect(tokenizer.vocabularySize).toBe(end + 1);
});

test("lower-cases each letter by itself, without JavaScript's rule for a sigma at a word's end", () => {
  const tokenizer = openTokenizer(tinyFolder(), 77);
  expect(tokenizer.encode("\u039f\u0394\u039f\u03a3")).toEqual(
    tokenizer.encode("\u03bf\u03b4\u03bf\u03c3"),
  );
  expect(tokenizer.encode("\u03c3")).not.toEqual(tokenizer.encode("\u03c2"));
});

test("reads vocab.json with merges.txt as it reads tokenizer.json", () => {
  const { model } = tinyTokenizerJson() as TokenizerJson;
  const merges = model.merges.map((pair) => pair.join(" ")).join("\n");
  const folder = temporaryFolder({
    "vocab.json": JSON.stringify(model.vocab),
    "merges.txt": `#version: 0.2\n${merges}\n`,
  });
  const texts = ["a photo of a cat.", "The Cat's caf\u00e9 \u039f\u0394\u039f\u03a3 \u{1f600} 12"];
  const ids = (tokenizer: ReturnType<typeof openTokenizer>) =>
    texts.map((text) => tokenizer.encode(text));
  expect(ids(openTokenizer(folder, 77))).toEqual(ids(openTokenizer(tinyFolder(), 77)));
});

test.each([
  ["nothing", temporaryFolder, /holds no tokenizer \(tokenizer\.json, .* `glad model pull`/],
  [
    "another model's tokenizer",
    () => tinyFolder((json) => ({ ...json, model: { type: "WordPiece", vocab: {} } })),
    /tokenizer\.json: is not CLIP's byte-pair encoding/,
  ],
  [
    "no start and end",
    () => tinyFolder((json) => ({ ...json, post_processor: null })),
    /puts 0 tokens around a text/,
  ],
  [
    "an unusable file",
    () => tinyFolder(({ model }) => ({ model })),
    /tokenizer\.json: is not a usable tokenizer/,
  ],
  [
    "a web page",
    () => temporaryFolder({ "tokenizer.json": "<!DOCTYPE html><html></html>" }),
    /web page/,
  ],
  [
    "a vocabulary without CLIP's special tokens",
    () => temporaryFolder({ "vocab.json": '{"a":0}', "merges.txt": "" }),
    /vocab\.json: the token <\|startoftext\|> is missing/,
  ],
  [
    "a vocabulary of texts",
    () => temporaryFolder({ "vocab.json": '{"a":"b"}', "merges.txt": "" }),
    /vocab\.json: is not an object that gives each token its number/,
  ],
  [
    "a damaged list of merges",
    () => temporaryFolder({ "vocab.json": "{}", "merges.txt": "a b\na b c\n" }),
    /merges\.txt: the line "a b c" is not two parts/,
  ],
  [
    "a damaged packed file",
    () => temporaryFolder({ "bpe_simple_vocab_16e6.txt.gz": "no gzip" }),
    /txt\.gz: cannot be unpacked/,
  ],
])("says what is wrong with %s", (_, folder, message) => {
  const open = () => openTokenizer(folder(), 77);
  expect(open).toThrow(UserError);
  expect(open).toThrow(message);
});

test("a packed file that was cut is told", (context) => {
  const folder = realVocabulary();
  if (folder === null) return context.skip();
  const file = join(folder, "bpe_simple_vocab_16e6.txt.gz");
  writeFileSync(file, readFileSync(file).subarray(0, 100_000));
  expect(() => openTokenizer(folder, 77)).toThrow(/cannot be unpacked.*download it again/);
});
