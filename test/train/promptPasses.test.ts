import { describe, expect, test } from "vitest";
import { dropoutRows } from "../../src/models/dropout";
import { rowsName } from "../../src/models/adapterInputs";
import { loraSites } from "../../src/models/lora";
import { ownTokens, type PromptBatch, tokensPerClass } from "../../src/models/prompts";
import { openSnapshot } from "../../src/models/snapshot";
import { promptFeeds, promptPasses, textRows } from "../../src/train/promptPasses";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

/** Prompts with these numbers of own tokens: token t of class k is 10 k + t. */
function prompts(lengths: number[]): PromptBatch {
  const length = Math.max(...lengths);
  return {
    prefix: Int32Array.of(7, 8),
    suffix: Int32Array.from(
      lengths.flatMap((own, k) => row(length, (t) => 10 * k + Math.min(t, own - 1))),
    ),
    endOfText: Int32Array.from(lengths, (own) => own - 1),
    count: lengths.length,
    length,
  };
}

function row(length: number, value: (t: number) => number): number[] {
  return Array.from({ length }, (_, t) => value(t));
}

const data = (feeds: ReturnType<typeof promptFeeds>, name: string) => [...feeds[name]!.data];

describe("passes over classes", () => {
  test("are as few as can be, hold each class once and about equally many tokens", () => {
    const lengths = row(100, (k) => 2 + ((k * k) % 11));
    const { shape, passes } = promptPasses(prompts(lengths), 30);
    expect(passes.map((classes) => classes.length)).toEqual([25, 25, 25, 25]);
    expect(shape).toMatchObject({ prefix: 2, length: 11, count: 25 });
    expect(passes.flatMap((classes) => [...classes]).sort((a, b) => a - b)).toEqual(
      row(100, (k) => k),
    );
    const tokens = passes.map((classes) => classes.reduce((sum, k) => sum + lengths[k]!, 0));
    // Dealt to and fro, passes differ by less than the longest and the shortest prompt do.
    expect(Math.max(...tokens) - Math.min(...tokens)).toBeLessThan(9);
    expect(shape.rows).toBe(Math.max(...tokens) + 1);
  });

  test("the last ones are filled up where classes do not come out even", () => {
    const { shape, passes } = promptPasses(prompts([3, 3, 3, 3, 3, 3, 3]), 3);
    expect(passes.map((classes) => classes.length)).toEqual([3, 2, 2]);
    expect(shape).toEqual({ prefix: 2, length: 3, count: 3, rows: null });
  });

  test("prompts are ragged where that spares a tenth of the rows", () => {
    expect(tokensPerClass(prompts([5, 5, 5, 5, 4]))).toBe(5);
    expect(promptPasses(prompts([5, 5, 5, 5, 4]), 9).shape.rows).toBeNull();
    expect(tokensPerClass(prompts([5, 2, 3, 2]))).toBe(3);
    expect(promptPasses(prompts([5, 2, 3, 2]), 9).shape.rows).toBe(13);
    expect([...ownTokens(prompts([5, 2]))]).toEqual([5, 2]);
    // A pass of one class has as many rows as the longest prompt asks for.
    expect(promptPasses(prompts([9, 1, 1, 1]), 1).shape).toMatchObject({ count: 1, rows: null });
  });
});

test("ragged prompts are fed as rows one after the other, with their grid", () => {
  const batch = prompts([3, 1, 2]);
  const shape = { prefix: 2, length: 3, count: 3, rows: 5 };
  const feeds = promptFeeds(batch, Int32Array.of(0, 2), shape);
  expect(data(feeds, "suffix")).toEqual([0, 1, 2, 20, 21]);
  expect(data(feeds, "places")).toEqual([2, 3, 4, 2, 3]);
  expect(data(feeds, "cells")).toEqual([0, 1, 2, 3, 4]);
  expect(data(feeds, "real")).toEqual([1, 1, 1, 1, 1]);
  // The third class is a filler, and so is the last row.
  expect(data(feeds, "grid")).toEqual([2, 3, 4, 5, 6, 6, 6, 6, 6]);
  expect(data(feeds, "endOfText")).toEqual([0, 0, 1, 0, 1, 0, 1, 0, 0]);
});

test("a token has the same dropout in ragged rows and in a grid, whatever the pass", async () => {
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  const snapshot = await openSnapshot(folder);
  const lora = {
    encoder: "text",
    targets: ["q", "k"],
    layers: "all",
    rank: 2,
    alpha: 2,
    scaling: "lora",
    dropout: 0.25,
  } as const;
  const sites = loraSites(snapshot.config, lora);
  const program = { snapshot, sites, lora, dtype: "float32", packed: false } as never;
  const draw = { seed: 3, step: 9 };
  const batch = prompts([3, 1, 2]);
  const of = (classes: number[], rows: number | null) =>
    textRows(program, draw, batch, Int32Array.from(classes), {
      prefix: 2,
      length: 3,
      count: 2,
      rows,
    });
  const [ragged, grid] = [of([0, 2], 6), of([0, 2], null)];
  for (const [number, site] of sites.entries()) {
    const name = rowsName(site);
    // The last block's queries are those of one token of each class.
    if (grid[name]!.data.length === 2) {
      expect(ragged[name]).toEqual(grid[name]);
      continue;
    }
    const [shared, first, third] = [
      [-1, 2],
      [0, 3],
      [2, 2],
    ].map(([id, tokens]) => [...dropoutRows(draw, number, [id!], tokens!)]);
    expect(data(ragged, name)).toEqual([...shared!, ...first!, ...third!, 0]);
    expect(data(grid, name).slice(0, 7)).toEqual([...shared!, ...first!, ...third!]);
  }
  expect(sites.length).toBe(4);
});
