import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, it } from "vitest";
import { openData } from "../../src/data/openData";
import { skipUnreadable } from "../../src/data/skipUnreadable";
import { configSchema } from "../../src/protocol/config";
import { temporaryFolder } from "../support/temporaryFolder";

const create = { width: 8, height: 8, channels: 3, background: "green" } as const;

it("leaves out what cannot be decoded, everywhere, and says how many", async () => {
  const png = await sharp({ create }).png().toBuffer();
  const names = [
    "train/ant/0",
    "train/ant/1",
    "train/bee/2",
    "test/ant/3",
    "test/bee/4",
    "test/bee/5",
    "val/bee/6",
  ];
  const root = temporaryFolder(Object.fromEntries(names.map((name) => [`${name}.png`, png])));
  const { data } = configSchema.parse({ data: { root, shots: null } });
  const opened = openData(data, "all", 1);
  expect(await skipUnreadable(opened)).toBe(opened);

  for (const name of ["train/ant/1", "test/bee/5", "val/bee/6"]) {
    writeFileSync(join(root, `${name}.png`), "");
  }
  const rest = await skipUnreadable(opened);
  expect(rest.train.map(({ path }) => path)).toEqual(["train/ant/0.png", "train/bee/2.png"]);
  expect(rest.evaluations.map(({ split, samples }) => [split, samples.length])).toEqual([
    ["all", 2],
  ]);
  expect(rest.notes.at(-1)).toBe(
    "Left out 3 images of 7: train/ant/1.png is empty, expected an image, val/bee/6.png is empty, expected an image, test/bee/5.png is empty, expected an image.",
  );

  writeFileSync(join(root, "train/bee/2.png"), "");
  await expect(skipUnreadable(opened)).rejects.toThrow(
    /^Of 1 class \("bee"\) no training image can be decoded: .*train\/bee\/2\.png is empty/,
  );
  for (const name of ["train/ant/0", "train/bee/2"]) writeFileSync(join(root, `${name}.png`), "");
  await expect(skipUnreadable(opened)).rejects.toThrow("No training image can be decoded");
});
