import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import {
  modelReport,
  progressPrinter,
  registerModel,
  type ModelFacts,
} from "../../src/cli/modelCommand";
import { UserError } from "../../src/util/errors";
import { modelName, startHub } from "../support/hubServer";
import { runCommand } from "../support/runCommand";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

afterEach(() => vi.unstubAllEnvs());

test("says what a model is", async () => {
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  const { stdout } = await runCommand(registerModel, ["model", "check", folder]);
  expect(stdout.replace(folder, "FOLDER")).toMatchInlineSnapshot(`
    "folder     FOLDER
    layout     Hugging Face
    images     24 x 24, 9 patches of 8 x 8
    vision     2 blocks, width 32, 2 heads, inner width 48, quick_gelu
    text       2 blocks, width 24, 3 heads, inner width 48, quick_gelu
    context    16 tokens, read at the token with the highest id
    embedding  16 dimensions, logit scale 14.00
    weights    78 tensors of float32, 45,521 values, 0.2 MiB
    tokenizer  534 tokens
    "
  `);
  const json = await runCommand(registerModel, ["model", "check", folder, "--json"]);
  const facts = JSON.parse(json.stdout) as ModelFacts;
  expect(facts).toMatchObject({ layout: "Hugging Face", dtypes: { float32: 78 } });
  expect(modelReport(facts)).toBe(stdout);
});

test("says that half precision is widened", () => {
  const encoder = {
    hiddenSize: 8,
    intermediateSize: 32,
    layers: 1,
    heads: 1,
    layerNormEps: 1e-5,
    activation: "gelu",
  } as const;
  const report = modelReport({
    folder: "x",
    layout: "OpenCLIP",
    vision: { ...encoder, imageSize: 8, patchSize: 8 },
    text: { ...encoder, vocabularySize: 9, contextLength: 7, endOfText: { by: "id", id: 8 } },
    projectionDim: 4,
    logitScale: 100,
    tensors: 3,
    parameters: 1_234_567,
    bytes: 2_469_134,
    dtypes: { float16: 2, float32: 1 },
    tokenizerTokens: 9,
  });
  expect(report).toContain("3 tensors of float16 and float32, 1,234,567 values, 2.4 MiB\n");
  expect(report).toContain("7 tokens, read at token 8\n");
  expect(report).toContain("widened to float32 once");
});

test("refuses a tokenizer that is not the model's", async () => {
  const folder = temporaryFolder();
  const check = () => runCommand(registerModel, ["model", "check", folder]);
  await writeTinyClip(folder, { text: { endOfText: { by: "id", id: 3 } } });
  await expect(check()).rejects.toThrow(UserError);
  await expect(check()).rejects.toThrow(/reads a text at token 3 .* ends it with token 533/);
  await writeTinyClip(folder);
  const file = join(folder, "tokenizer.json");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("533", "534"));
  await expect(check()).rejects.toThrow(/the tokenizer knows 535 tokens but the model 534/);
});

test("downloads a model, with progress, and checks it", async () => {
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  const names = ["config.json", "tokenizer.json", "model.safetensors"];
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
  const hub = await startHub({ revisions: { main: files } });
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  vi.stubEnv("HF_HUB_CACHE", temporaryFolder());
  vi.stubEnv("HF_HUB_OFFLINE", "");
  const { stdout, stderr } = await runCommand(registerModel, ["model", "pull", modelName]);
  expect(stdout).toContain("78 tensors of float32");
  expect(stderr).toContain("model.safetensors 100% of 0.2 MiB\n");
  const checked = await runCommand(registerModel, ["model", "check", modelName]);
  expect(checked.stdout).toBe(stdout);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  const offline = await runCommand(registerModel, ["model", "pull", modelName]);
  expect(offline.stdout).toBe(stdout);
  expect(offline.stderr).toMatch(
    /^The model is in the cache; HF_HUB_OFFLINE .* is set, so the hub/,
  );
});

test("shows progress on a terminal in one line, elsewhere in tenths", () => {
  const printed = (isTTY: boolean): string => {
    let text = "";
    const print = progressPrinter({ isTTY, write: (part) => (text += String(part)) !== "" });
    for (let done = 0; done <= 2 ** 20; done += 2 ** 14)
      print({ file: "x", doneBytes: done, totalBytes: 2 ** 20 });
    return text;
  };
  expect(printed(false).split("\n")).toHaveLength(12);
  expect(printed(false)).toMatch(/^x 0% of 1\.0 MiB\nx 10% .*x 100% of 1\.0 MiB\n$/s);
  expect(printed(true)).toContain("\r\u001b[Kx 50% of 1.0 MiB\r");
  expect(printed(true).endsWith("x 100% of 1.0 MiB\n")).toBe(true);
});
