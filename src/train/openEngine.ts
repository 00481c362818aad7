import { openTokenizer } from "../data/tokenizer";
import type { LoraSpec } from "../models/lora";
import { promptBatch, tokensPerClass } from "../models/prompts";
import { openSnapshot } from "../models/snapshot";
import type { Snapshot } from "../models/types";
import { materialise } from "../models/weightCache";
import type { Config } from "../protocol/config";
import { chooseDevice } from "../runtime/devices";
import { engineThreads } from "../runtime/memory";
import { UserError } from "../util/errors";
import { checkPlaces } from "./checkPlaces";
import { ClipEngine } from "./engine";
import { type EarlierPasses, freeMemory, type PassMemory, passMemory } from "./passMemory";
import { passSizes } from "./passSizes";

export interface EngineRequest {
  /** Folder of the snapshot. */
  model: string;
  lora: LoraSpec;
  /** Prompts of the training classes, in label order. */
  prompts: readonly string[];
  device: string;
  threads: number | null;
  training: Pick<
    Config["training"],
    "batchSize" | "microBatchSize" | "classChunkSize" | "memoryBudgetMiB" | "precision"
  >;
  /** The passes of a run that was interrupted. */
  passesBefore?: EarlierPasses | null;
}

export interface OpenedEngine {
  engine: ClipEngine;
  /** Whether the processor computes, in whose memory everything else lies too. */
  onCpu: boolean;
  /** What the passes whose sizes are "auto" were made for. */
  passMemory: PassMemory;
  snapshot: Snapshot & { source: Snapshot };
}

/**
 * Opens a model folder on a device: snapshot, tokenizer, the device's choice and the sizes of the engine's passes.
 * `snapshot.source` is the snapshot as it lies in the folder, before half-precision weights were widened.
 */
export async function openEngine(request: EngineRequest): Promise<OpenedEngine> {
  const { training, lora } = request;
  const found = await openSnapshot(request.model);
  checkPlaces(found, lora);
  const { contextLength, vocabularySize } = found.config.text;
  const tokenizer = openTokenizer(request.model, contextLength);
  if (tokenizer.vocabularySize > vocabularySize)
    throw new UserError(
      `${request.model}: the tokenizer knows ${tokenizer.vocabularySize} tokens, the model ${vocabularySize} ` +
        "(text_config.vocab_size); use the tokenizer files of the model's own repository",
    );
  const chosen = await chooseDevice(request.device, training.precision);
  const snapshot = await materialise(found);
  const prompts = promptBatch(
    request.prompts.map((prompt) => tokenizer.encode(prompt)),
    snapshot.config.text,
  );
  const cpu = chosen.device.kind === "cpu";
  const passes = passMemory(
    training.memoryBudgetMiB,
    request.passesBefore ?? null,
    await freeMemory(chosen.device, snapshot, training.precision),
  );
  const sizes = passSizes(
    snapshot.config,
    {
      microBatchSize: training.microBatchSize === "auto" ? null : training.microBatchSize,
      classChunkSize: training.classChunkSize === "auto" ? null : training.classChunkSize,
    },
    {
      batchSize: training.batchSize,
      classes: prompts.count,
      promptTokens: tokensPerClass(prompts),
      longestPrompt: prompts.length,
      memoryBytes: passes.bytes,
      precision: training.precision,
      cpu,
    },
  );
  const threads = request.threads ?? engineThreads();
  const engine = new ClipEngine({
    ...sizes,
    snapshot,
    lora,
    encode: (prompt) => tokenizer.encode(prompt),
    prompts: request.prompts,
    device: chosen.device,
    deviceName:
      cpu && threads > 0 ? `cpu (${threads} ${threads === 1 ? "thread" : "threads"})` : chosen.name,
    deviceReason: chosen.reason,
    threads,
    precision: training.precision,
  });
  return { engine, onCpu: cpu, passMemory: passes, snapshot: { ...snapshot, source: found } };
}
