import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** Who may import whom, as ARCHITECTURE.md has it. A folder may always import itself. */
const allowed: Record<string, string[]> = {
  util: [],
  protocol: ["util"],
  graph: ["util"],
  nn: ["graph", "util"],
  optim: ["graph", "util"],
  models: ["nn", "graph", "util"],
  data: ["protocol", "util"],
  runtime: ["graph", "util"],
  train: ["models", "nn", "optim", "graph", "data", "runtime", "protocol", "util"],
  executors: ["protocol", "util"],
  experiments: ["protocol", "data", "util"],
  trainer: ["train", "models", "data", "runtime", "protocol", "util"],
  demo: [
    "executors",
    "train",
    "models",
    "nn",
    "optim",
    "graph",
    "data",
    "runtime",
    "protocol",
    "util",
  ],
  host: ["protocol", "executors", "experiments", "util"],
  "extension.ts": ["host"],
  cli: [
    "trainer",
    "executors",
    "experiments",
    "demo",
    "train",
    "models",
    "data",
    "runtime",
    "protocol",
    "util",
  ],
};
/** Packages that one folder alone may import. */
const owned: Record<string, string> = { "onnxruntime-node": "runtime" };

/** What a file imports, at once or later. */
const imported = /(?:from |import\()"([^"]+)"/g;

const src = resolve(__dirname, "../src");

test("every import follows the table of folders", () => {
  const broken: string[] = [];
  for (const entry of readdirSync(src, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts")) continue;
    const folder = entry.split(/[\\/]/)[0]!;
    for (const [, target] of readFileSync(join(src, entry), "utf8").matchAll(imported)) {
      const owner = owned[target!];
      if (owner !== undefined && owner !== folder) broken.push(`${entry} imports ${target}`);
      if (!target!.startsWith(".") || target!.endsWith(".json")) continue;
      const to = relative(src, resolve(src, dirname(entry), target!)).split(/[\\/]/)[0]!;
      if (to !== folder && !allowed[folder]?.includes(to))
        broken.push(`${entry} imports ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
