// Writes glad.schema.json beside this file from src/protocol/config.ts: `npm run schema`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { format, resolveConfig } from "prettier";

const here = dirname(fileURLToPath(import.meta.url));
const { outputFiles } = await build({
  entryPoints: [join(here, "../src/protocol/configFields.ts")],
  bundle: true,
  write: false,
  platform: "node",
  format: "cjs",
  logLevel: "warning",
});
const module = { exports: {} };
new Function("module", "exports", "require", outputFiles[0].text)(
  module,
  module.exports,
  createRequire(import.meta.url),
);
const file = join(here, "glad.schema.json");
const text = await format(JSON.stringify(module.exports.configJsonSchema), {
  ...(await resolveConfig(file)),
  parser: "json",
});
writeFileSync(file, text);
console.log(`${file}: ${readFileSync(file).length} bytes`);
