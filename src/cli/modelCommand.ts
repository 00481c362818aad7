import type { Command } from "commander";
import { openTokenizer } from "../data/tokenizer";
import { hubSettings, resolveModel } from "../models/hub";
import type { DownloadProgress } from "../models/hubDownload";
import { pullModel } from "../models/hubPull";
import { openSnapshot, snapshotLayout } from "../models/snapshot";
import type { EncoderConfig, StoredDType, TextConfig } from "../models/types";
import { UserError } from "../util/errors";
import { plural } from "../util/text";

/** Adds `glad model pull NAME` and `glad model check NAME [--json]`. */
export function registerModel(program: Command): void {
  const model = program.command("model").description("look after models");
  model
    .command("pull")
    .description("download a CLIP of the Hugging Face hub into the user's cache and check it")
    .argument("<name>", "the model's name on the hub, e.g. openai/clip-vit-base-patch16")
    .action(async (name: string) => {
      const folder = await pullModel(name, { onProgress: progressPrinter() });
      if (hubSettings(process.env).offline)
        process.stderr.write(
          "The model is in the cache; HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set, so the hub was not asked for changes.\n",
        );
      process.stdout.write(modelReport(await checkModel(folder)));
    });
  model
    .command("check")
    .description("open a model and say what it is")
    .argument("<name>", "a model folder, or the name of a downloaded model of the hub")
    .option("--json", "print the findings as JSON")
    .action(async (name: string, { json }: { json?: boolean }) => {
      const facts = await checkModel(resolveModel(name));
      process.stdout.write(json ? JSON.stringify(facts, null, 2) + "\n" : modelReport(facts));
    });
}

/** What `glad model check` found. */
export interface ModelFacts {
  folder: string;
  layout: "Hugging Face" | "OpenCLIP";
  vision: EncoderConfig & { imageSize: number; patchSize: number };
  text: TextConfig;
  projectionDim: number;
  logitScale: number;
  tensors: number;
  parameters: number;
  bytes: number;
  /** How many tensors are of each type. */
  dtypes: Partial<Record<StoredDType, number>>;
  tokenizerTokens: number;
}

/** Opens a model folder with its tokenizer. Whatever is wrong with them, or between them, is a UserError. */
async function checkModel(folder: string): Promise<ModelFacts> {
  const { config, tensors, logitScale } = await openSnapshot(folder);
  const { text, vision, projectionDim } = config;
  const tokenizer = openTokenizer(folder, text.contextLength);
  if (tokenizer.vocabularySize > text.vocabularySize) {
    throw new UserError(
      `${folder}: the tokenizer knows ${tokenizer.vocabularySize} tokens but the model ${text.vocabularySize}; use the tokenizer of the model's own repository`,
    );
  }
  const end = tokenizer.encode("").at(-1)!;
  if (text.endOfText.by === "id" && text.endOfText.id !== end) {
    throw new UserError(
      `${folder}: the model reads a text at token ${text.endOfText.id} (eos_token_id) but the tokenizer ends it with token ${end}; use the tokenizer of the model's own repository`,
    );
  }
  const stored = [...tensors.values()];
  const dtypes: ModelFacts["dtypes"] = {};
  for (const { dtype } of stored) dtypes[dtype] = (dtypes[dtype] ?? 0) + 1;
  const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  return {
    folder,
    layout: snapshotLayout(folder),
    vision,
    text,
    projectionDim,
    logitScale,
    tensors: stored.length,
    parameters: stored.reduce((sum, { shape }) => sum + elements(shape), 0),
    bytes: stored.reduce((sum, { length }) => sum + length, 0),
    dtypes,
    tokenizerTokens: tokenizer.vocabularySize,
  };
}

/** The findings as lines. */
export function modelReport(facts: ModelFacts): string {
  const { vision, text, dtypes } = facts;
  const encoder = ({ layers, hiddenSize, heads, intermediateSize, activation }: EncoderConfig) =>
    `${plural(layers, "block")}, width ${hiddenSize}, ${plural(heads, "head")}, inner width ${intermediateSize}, ${activation}`;
  const end =
    text.endOfText.by === "id" ? `token ${text.endOfText.id}` : "the token with the highest id";
  const patches = (vision.imageSize / vision.patchSize) ** 2;
  const half = Object.keys(dtypes).some((dtype) => dtype !== "float32");
  const lines: [string, string][] = [
    ["folder", facts.folder],
    ["layout", facts.layout],
    [
      "images",
      `${vision.imageSize} x ${vision.imageSize}, ${plural(patches, "patch")} of ${vision.patchSize} x ${vision.patchSize}`,
    ],
    ["vision", encoder(vision)],
    ["text", encoder(text)],
    ["context", `${plural(text.contextLength, "token")}, read at ${end}`],
    [
      "embedding",
      `${plural(facts.projectionDim, "dimension")}, logit scale ${facts.logitScale.toFixed(2)}`,
    ],
    [
      "weights",
      `${plural(facts.tensors, "tensor")} of ${Object.keys(dtypes).join(" and ")}, ${plural(facts.parameters, "value")}, ${(facts.bytes / 2 ** 20).toFixed(1)} MiB`,
    ],
    ["tokenizer", plural(facts.tokenizerTokens, "token")],
  ];
  if (half) lines.push(["note", "the weights are widened to float32 once, when first used"]);
  return lines.map(([name, value]) => `${name.padEnd(11)}${value}\n`).join("");
}

/** Prints how far a download is: in one line that is written over on a terminal, otherwise a line for each tenth. */
export function progressPrinter(
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stderr,
): (progress: DownloadProgress) => void {
  let last = "";
  return ({ file, doneBytes, totalBytes }) => {
    const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes);
    const shown = stream.isTTY ? percent : percent - (percent % 10);
    const line = `${file} ${shown}% of ${(totalBytes / 2 ** 20).toFixed(1)} MiB`;
    if (line === last) return;
    last = line;
    if (!stream.isTTY) stream.write(`${line}\n`);
    else stream.write(`\r\u001b[K${line}${doneBytes === totalBytes ? "\n" : ""}`);
  };
}
