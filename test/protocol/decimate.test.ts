import { describe, expect, test } from "vitest";
import { decimate, type Line } from "../../src/protocol/decimate";

function line(ys: number[], breaks: number[] = []): Line {
  const x = Float64Array.from(ys, (_, i) => i + 1);
  return { x, y: Float64Array.from(ys), length: ys.length, breaks };
}

function noisy(length: number): Line {
  return line(Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i * 78.233)));
}

describe("decimate", () => {
  test("passes a short line through, without what was not measured", () => {
    const { x, y } = decimate(line([3, NaN, 1, 2]), null, 100);
    expect([...x]).toEqual([1, 3, 4]);
    expect([...y]).toEqual([3, 1, 2]);
  });

  test("keeps every peak of 100,000 rows in two points per pixel", () => {
    const source = noisy(100_000);
    source.y[54_321] = 40;
    source.y[12_345] = -40;
    const { x, y } = decimate(source, null, 500);
    expect(x.length).toBeGreaterThan(900);
    expect(x.length).toBeLessThanOrEqual(2 * (500 + 4));
    expect(x[y.indexOf(40)]).toBe(54_322);
    expect(x[y.indexOf(-40)]).toBe(12_346);
  });

  test("has the lowest and the highest value of every column, and no other values", () => {
    const source = noisy(5_000);
    const { x, y } = decimate(source, null, 100);
    const perUnit = 100 / 4_999;
    const extremes = new Map<number, { low: number; high: number }>();
    for (let row = 0; row < source.length; row++) {
      const column = Math.floor(row * perUnit);
      const { low, high } = extremes.get(column) ?? { low: Infinity, high: -Infinity };
      const value = Math.fround(source.y[row]!);
      extremes.set(column, { low: Math.min(low, value), high: Math.max(high, value) });
    }
    for (const [column, { low, high }] of extremes) {
      const inColumn = [...y].filter((_, i) => Math.floor((x[i]! - 1) * perUnit) === column);
      expect(Math.min(...inColumn)).toBe(low);
      expect(Math.max(...inColumn)).toBe(high);
    }
    for (let i = 0; i < x.length; i++) expect(y[i]).toBe(Math.fround(source.y[x[i]! - 1]!));
  });

  test("ascends and ends with the last row", () => {
    const { x } = decimate(noisy(40_001), null, 333);
    for (let i = 1; i < x.length; i++) expect(x[i]!).toBeGreaterThan(x[i - 1]!);
    expect(x.at(-1)).toBe(40_001);
  });

  test("shows a range finely, with one point beyond either end", () => {
    const { x } = decimate(noisy(100_000), [200.5, 210.5], 500);
    expect([...x]).toEqual([200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211]);
  });

  test("shows nothing of a range beside the line but what leads there", () => {
    expect([...decimate(noisy(10), [20, 30], 500).x]).toEqual([10]);
    expect([...decimate(line([]), null, 500).x]).toEqual([]);
  });

  test("keeps gaps, also in the middle of a column", () => {
    const { x, y } = decimate(line([1, 2, 3, 4], [2]), null, 100);
    expect([...x]).toEqual([1, 2, 3, 3, 4]);
    expect([...y]).toEqual([1, 2, NaN, 3, 4]);
    const breaks = [5_001, 5_002, 9_000];
    const many = decimate({ ...noisy(10_000), breaks }, null, 50);
    const gaps = [...many.x].filter((_, i) => Number.isNaN(many.y[i]!));
    expect(gaps).toEqual(breaks.map((row) => row + 1));
  });

  test("joins what an occasional measurement leaves between", () => {
    const ys = Array.from({ length: 1_000 }, (_, i) => (i % 5 === 0 ? i : NaN));
    const { y } = decimate(line(ys), null, 100);
    expect([...y].some(Number.isNaN)).toBe(false);
    expect(y.at(-1)).toBe(995);
  });

  test("copes with a time that stands still", () => {
    const still = { ...line([1, 2, 3]), x: Float64Array.from([5, 5, 5]) };
    expect([...decimate(still, null, 1).y]).toEqual([1, 2, 3]);
  });
});
