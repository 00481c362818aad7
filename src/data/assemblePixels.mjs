// Assembles pixels.wat into pixelCode.ts; run it after every change: `node src/data/assemblePixels.mjs`.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

/** The source text of pixelCode.ts for the text of pixels.wat. */
export async function assemble(text) {
  const module = (await wabt()).parseWat("pixels.wat", text, { simd: true });
  const code = Buffer.from(module.toBinary({}).buffer).toString("base64");
  const lines = code.match(/.{1,96}/g).map((line) => `  "${line}"`);
  return `/** WebAssembly of pixels.wat in base64, written by assemblePixels.mjs. */\nexport const pixelCode =\n${lines.join(" +\n")};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(new URL("pixels.wat", import.meta.url), "utf8");
  writeFileSync(new URL("pixelCode.ts", import.meta.url), await assemble(text));
}
