import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTokenizer } from "../../src/data/tokenizer";
import { trainMerges } from "../../src/demo/bytePairs";
import { captionOf, words } from "../../src/demo/captions";
import { demoClipConfig, demoTokenizer, encodeCaption } from "../../src/demo/demoClip";
import { demoModelFolder } from "../../src/demo/demoModel";
import { RandomStream } from "../../src/demo/randomStream";
import { pretrainingPicture } from "../../src/demo/world";
import { goldenFolder } from "../support/golden";

const { contextLength, vocabularySize } = demoClipConfig.text;
const tokenizer = openTokenizer(demoModelFolder(), contextLength);

test("gives the ids of transformers' CLIPTokenizer", () => {
  const { cases } = JSON.parse(readFileSync(join(goldenFolder, "demoTokens.json"), "utf8")) as {
    cases: { text: string; ids: number[] }[];
  };
  for (const { text, ids } of cases) expect(tokenizer.encode(text), text).toEqual(ids);
});

test("the file in media/demo is the one that the program makes", () => {
  const file = join(demoModelFolder(), "tokenizer.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(demoTokenizer);
  expect(tokenizer.vocabularySize).toBe(vocabularySize);
});

test("each word of the world is one token", () => {
  const ids = words.map((word) => tokenizer.encode(word));
  expect(ids.every(({ length }) => length === 3)).toBe(true);
  expect(new Set(ids.map(([, id]) => id)).size).toBe(words.length);
});

test("pre-training encodes captions as the tokenizer does, none longer than the context", () => {
  for (let index = 0; index < 2000; index++) {
    const { scene } = pretrainingPicture(1, index, 8);
    const caption = captionOf(scene, new RandomStream(9, index));
    const ids = encodeCaption(caption);
    expect(ids.length).toBeLessThanOrEqual(contextLength);
    expect(tokenizer.encode(caption), caption).toEqual(ids);
  }
});

test("merges join the most frequent pair first, until all words are whole", () => {
  expect(trainMerges(["hop", "shop", "top"])).toEqual([
    ["o", "p</w>"],
    ["h", "op</w>"],
    ["s", "hop</w>"],
    ["t", "op</w>"],
  ]);
});
