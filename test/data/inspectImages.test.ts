import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { anyDecodes } from "../../src/data/inspectImages";
import { temporaryFolder } from "../support/temporaryFolder";

test("of many images only so many are looked at as it takes to tell whether any can be decoded", async () => {
  const folder = temporaryFolder();
  const broken = Array.from({ length: 10 }, (_, i) => join(folder, `broken-${i}.png`));
  for (const file of broken) writeFileSync(file, "no image");
  const good = join(folder, "good.png");
  await sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } }).toFile(good);
  const looks = async (files: string[]): Promise<[boolean, number]> => {
    let looked = 0;
    return [await anyDecodes(files, (count) => (looked += count)), looked];
  };
  expect(await looks([])).toEqual([false, 0]);
  expect(await looks(broken)).toEqual([false, 10]);
  const [any, looked] = await looks([good, ...broken]);
  expect(any).toBe(true);
  expect(looked).toBeLessThan(10);
  expect((await looks([...broken, good]))[0]).toBe(true);
});
