import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const folder = join(import.meta.dirname, "../../src/data");

it("runs what pixels.wat says", async () => {
  const { assemble } = (await import(join(folder, "assemblePixels.mjs"))) as {
    assemble: (text: string) => Promise<string>;
  };
  const text = readFileSync(join(folder, "pixels.wat"), "utf8");
  expect(readFileSync(join(folder, "pixelCode.ts"), "utf8")).toBe(await assemble(text));
});
