import { describe, expect, it } from "vitest";
import { resizeBicubic } from "../../src/data/resize";
import { drawn, reference, sha256 } from "./imageReference";

describe("resizeBicubic", () => {
  it("gives Pillow's bytes for all sizes, shrinking, growing and both", () => {
    const wrong = reference.resizes.filter(
      ({ source: [width, height], size, sha256: expected }) => {
        const resized = resizeBicubic(
          drawn(width, height),
          { left: 0, top: 0, width, height },
          size,
        );
        expect([resized.width, resized.height]).toEqual(size);
        return sha256(resized.data) !== expected;
      },
    );
    expect(reference.resizes.length).toBeGreaterThan(80);
    expect(wrong).toEqual([]);
  });

  it("computes a part of the output as it stands in the whole", () => {
    const image = drawn(121, 83);
    const source = { left: 5, top: 9, width: 101, height: 66 };
    for (const size of [
      [40, 50],
      [101, 30],
      [40, 66],
      [101, 66],
      [150, 90],
    ] as [number, number][]) {
      const whole = resizeBicubic(image, source, size);
      const box = { left: 7, top: 11, width: 23, height: 17 };
      const part = resizeBicubic(image, source, size, box);
      for (let y = 0; y < box.height; y++) {
        const from = ((box.top + y) * size[0] + box.left) * 3;
        expect(part.data.subarray(y * box.width * 3, (y + 1) * box.width * 3)).toEqual(
          whole.data.subarray(from, from + box.width * 3),
        );
      }
    }
  });

  it("reads a part of the image as if it had been cut out first", () => {
    const image = drawn(60, 50);
    const cut = { left: 13, top: 21, width: 30, height: 20 };
    const alone = resizeBicubic(image, cut, [30, 20]);
    const all = { left: 0, top: 0, width: 30, height: 20 };
    expect(resizeBicubic(image, cut, [17, 33])).toEqual(resizeBicubic(alone, all, [17, 33]));
  });
});
