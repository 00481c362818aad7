import { expect, test } from "vitest";
import { dropoutPool, dropoutRows, poolRows } from "../../src/models/dropout";

const [width, tokens, samples, steps, p] = [64, 50, 8, 40, 0.25];
const seed = 1;

/** Kept or not, [draws][width]: the masks of one site over steps, samples and tokens. */
function masks(site: number): Uint8Array[] {
  return Array.from({ length: steps }, (_, step) => {
    const pool = dropoutPool(seed, step, width, p);
    const ids = Array.from({ length: samples }, (_, i) => i);
    return [...dropoutRows({ seed, step }, site, ids, tokens)].map((row) =>
      Uint8Array.from(pool.subarray(row * width, (row + 1) * width), (value) =>
        value > 0 ? 1 : 0,
      ),
    );
  }).flat();
}

const drawn = masks(0);
const draws = drawn.length;

/** Root mean square of the correlations of pairs of 0/1 variables, each given as a list of observations. */
function rmsCorrelation(pairs: [ArrayLike<number>, ArrayLike<number>][]): number {
  const squares = pairs.map(([a, b]) => {
    let both = 0;
    for (let i = 0; i < a.length; i++) both += (a[i]! - (1 - p)) * (b[i]! - (1 - p));
    return (both / a.length / (p * (1 - p))) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length);
}

test("kept values are 1 / (1 - p) and their share is 1 - p", () => {
  const pool = dropoutPool(seed, 3, width, p);
  expect(new Set(pool)).toEqual(new Set([0, Math.fround(4 / 3)]));
  const share =
    drawn.reduce((sum, mask) => sum + mask.reduce((s, x) => s + x, 0), 0) / draws / width;
  // Four standard errors, counting each pool row once.
  expect(Math.abs(share - 0.75)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / (draws * width)));
});

test("the number of kept features varies as for independent draws", () => {
  const counts = drawn.map((mask) => mask.reduce((s, x) => s + x, 0));
  const mean = counts.reduce((s, x) => s + x, 0) / draws;
  const variance = counts.reduce((s, x) => s + (x - mean) ** 2, 0) / draws;
  expect(variance / (width * p * (1 - p))).toBeGreaterThan(0.95);
  expect(variance / (width * p * (1 - p))).toBeLessThan(1.05);
});

test("features, tokens, sites and steps are uncorrelated", () => {
  const column = (list: Uint8Array[], d: number): number[] => list.map((mask) => mask[d]!);
  const columns = Array.from({ length: width }, (_, d) => column(drawn, d));
  const features = columns.flatMap((a, i) =>
    columns.slice(i + 1).map((b) => [a, b] as [number[], number[]]),
  );
  // Rows that tokens share make the observations fewer than draws: 1/draws + 1/(steps * poolRows).
  const independent = Math.sqrt(1 / draws + 1 / (steps * poolRows));
  expect(rmsCorrelation(features)).toBeLessThan(1.1 * independent);

  const at = (t: number): number[] =>
    drawn.filter((_, i) => i % tokens === t).flatMap((mask) => [...mask]);
  const tokenPairs = Array.from(
    { length: tokens - 1 },
    (_, t) => [at(t), at(t + 1)] as [number[], number[]],
  );
  const perToken = (draws / tokens) * width;
  expect(rmsCorrelation(tokenPairs)).toBeLessThan(2.5 / Math.sqrt(perToken));

  const flat = (list: Uint8Array[]): number[] => list.flatMap((mask) => [...mask]);
  expect(rmsCorrelation([[flat(drawn), flat(masks(1))]])).toBeLessThan(
    4 / Math.sqrt(draws * width),
  );
  const [early, late] = [drawn.slice(0, draws / 2), drawn.slice(draws / 2)];
  expect(rmsCorrelation([[flat(early), flat(late)]])).toBeLessThan(
    4 / Math.sqrt((draws / 2) * width),
  );
});

test("masks are a function of seed, step, site, sample and token alone", () => {
  const draw = { seed: 5, step: 7 };
  const together = dropoutRows(draw, 2, [10, 11, 12], 4);
  const alone = dropoutRows(draw, 2, [11], 4);
  expect([...together.subarray(4, 8)]).toEqual([...alone]);
  for (const other of [
    dropoutRows({ ...draw, seed: 6 }, 2, [11], 4),
    dropoutRows({ ...draw, step: 8 }, 2, [11], 4),
    dropoutRows(draw, 3, [11], 4),
    dropoutRows(draw, 2, [12], 4),
  ])
    expect([...other]).not.toEqual([...alone]);
  expect(dropoutPool(5, 7, 8, 0.3)).toEqual(dropoutPool(5, 7, 8, 0.3));
});
