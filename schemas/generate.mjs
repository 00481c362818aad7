// Writes the JSON schemas beside this file from src/protocol: `npm run schema`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { format, resolveConfig } from "prettier";

const here = dirname(fileURLToPath(import.meta.url));
const protocol = join(here, "../src/protocol");

/** What a source file exports. */
async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [join(protocol, file)],
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
  return module.exports;
}

async function write(name, schema) {
  const file = join(here, name);
  const text = await format(JSON.stringify(schema), {
    ...(await resolveConfig(file)),
    parser: "json",
  });
  writeFileSync(file, text);
  console.log(`${file}: ${readFileSync(file).length} bytes`);
}

const { editorSchema, withoutMarks } = await load("editorSchema.ts");
await write("glad.schema.json", withoutMarks(editorSchema()));
const { experimentEditorSchema } = await load("experimentEditorSchema.ts");
await write("experiment.schema.json", withoutMarks(experimentEditorSchema()));
