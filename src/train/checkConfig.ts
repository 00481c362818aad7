import { existsSync } from "node:fs";
import { listBeside } from "../data/listFile";
import { openTokenizer } from "../data/tokenizer";
import { resolveData } from "../data/dataRoot";
import { ShotsError } from "../data/fewShot";
import { type OpenedData, openData } from "../data/openData";
import { readData, type ReadData } from "../data/readData";
import { UnknownSetError } from "../data/sets/index";
import { resolveTarget, resolveTargets, withTargets } from "../data/targets";
import { isHubId, resolveModel } from "../models/hub";
import { promptBatch, tokensPerClass } from "../models/prompts";
import { openSnapshot } from "../models/snapshot";
import type { Snapshot } from "../models/types";
import type { Config } from "../protocol/config";
import type { ConfigFinding, ConfigFix } from "../protocol/configFinding";
import type { WrittenConfig } from "../protocol/parseConfig";
import { promptOf } from "../protocol/prompt";
import { chooseDevice } from "../runtime/devices";
import { memory, type Memory } from "../runtime/memory";
import type { ProbeOptions } from "../runtime/probe";
import { messageOf, UserError } from "../util/errors";
import { checkMemory } from "./checkMemory";
import { checkPlaces } from "./checkPlaces";
import { checkSteps, stepsOf } from "./createRun";
import { adoptAdapter, AdapterError } from "./initialAdapter";

/**
 * What would stop a run of a configuration before its first step, or make it fail for memory: everything that the model,
 * the adapter, the data and the machine can show without training. Nothing is downloaded or written.
 */
export async function checkConfig(
  { config, given }: WrittenConfig,
  free: Memory = memory(),
  probe: ProbeOptions = {},
  read: ReadData = readData,
): Promise<ConfigFinding[]> {
  const findings = await findingsOfDevice(config, probe);
  const model = await findingsOfModel({ config, given }, findings);
  const data = findingsOfData(config, findings, read);
  if (model && data) {
    const found = memoryFindings(config, model, data, free);
    if (!(await isForGpu(found, config, probe))) findings.push(...found);
  }
  return findings;
}

/** Whether a run that takes more memory than the machine has goes to a GPU, which "auto" chooses: asked only of such a one. */
async function isForGpu(
  found: readonly ConfigFinding[],
  { device, training }: Config,
  probe: ProbeOptions,
): Promise<boolean> {
  if (device !== "auto" || !found.some(({ state }) => state === "failed")) return false;
  try {
    const chosen = await chooseDevice(device, training.precision, probe);
    return chosen.device.kind !== "cpu";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return false;
  }
}

/** The part of `checkConfig` that looks at images: for runs of which all else is known. */
export function checkImages(config: Config, read: ReadData): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  findingsOfData(config, findings, read);
  return findings;
}

/** A device that is named is confirmed, as a run does before there is a folder. What "auto" finds cannot be a mistake. */
async function findingsOfDevice(
  { device, training }: Config,
  probe: ProbeOptions,
): Promise<ConfigFinding[]> {
  if (device === "auto") return [];
  try {
    await chooseDevice(device, training.precision, probe);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const others = ["auto", "cpu"].filter((other) => other !== device);
    const fixes = others.map((other): ConfigFix => ({ kind: "set", values: { device: other } }));
    return [failed("device", error, fixes)];
  }
}

/** The model, the blocks that are named and the adapter to start from; null where the model cannot be opened. */
async function findingsOfModel(
  { config: { model, lora }, given }: WrittenConfig,
  findings: ConfigFinding[],
): Promise<Snapshot | null> {
  let folder: string;
  try {
    folder = resolveModel(model);
  } catch (error) {
    const fixes: ConfigFix[] = isHubId(model) ? [{ kind: "pull", model }] : [];
    findings.push(failed("model", error, fixes));
    return null;
  }
  try {
    const snapshot = await openSnapshot(folder);
    findings.push(...placesOf(snapshot, lora), ...(await adapterOf(snapshot, lora, given)));
    return snapshot;
  } catch (error) {
    findings.push(failed("model", error));
    return null;
  }
}

function placesOf(snapshot: Snapshot, lora: Config["lora"]): ConfigFinding[] {
  try {
    checkPlaces(snapshot, lora);
    return [];
  } catch (error) {
    const setting = settingOf(error, "lora.layers");
    const fixes: ConfigFix[] =
      setting === "lora.layers" ? [{ kind: "set", values: { "lora.layers": "all" } }] : [];
    return [failed(setting, error, fixes)];
  }
}

async function adapterOf(
  { config }: Snapshot,
  lora: Config["lora"],
  given: ReadonlySet<string>,
): Promise<ConfigFinding[]> {
  try {
    await adoptAdapter(lora, config, given);
    return [];
  } catch (error) {
    const contradicting = error instanceof AdapterError ? [...error.settings] : [];
    const fixes: ConfigFix[] =
      contradicting.length > 0 ? [{ kind: "remove", settings: contradicting }] : [];
    return [failed("lora.init", error, fixes)];
  }
}

/** The images that are trained and measured on; null where they cannot be opened. */
function findingsOfData(
  config: Config,
  findings: ConfigFinding[],
  read: ReadData,
): OpenedData | null {
  const { protocol, seed } = config;
  let data: Config["data"];
  let opened: OpenedData;
  try {
    data = resolveData(config.data);
    opened = openData(data, protocol, seed, read);
  } catch (error) {
    const { list } = config.data;
    // What is wrong with a list begins with its file, or with that beside it.
    const files = list === null ? [] : [list, listBeside(list)];
    const ofList = files.some((file) => messageOf(error).startsWith(file));
    findings.push(
      ofList
        ? failed("data.list", error)
        : failed(settingOf(error, "data.root"), error, dataFixes(config, error)),
    );
    return null;
  }
  const attempt = (setting: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      findings.push(failed(settingOf(error, setting), error));
    }
  };
  attempt("training.steps", () => checkSteps(config, stepsOf(config), opened));
  findings.push(...findingsOfTargets(config.evaluation.targets, data.template, opened, read));
  return opened;
}

/** Each data set that is measured as well is opened by itself, so that each says what is wrong with it. */
function findingsOfTargets(
  targets: Config["evaluation"]["targets"],
  template: string,
  opened: OpenedData,
  read: ReadData,
): ConfigFinding[] {
  const findings = targets.flatMap((target, i): ConfigFinding[] => {
    try {
      withTargets(opened, [resolveTarget(target, template, i)], read, [i]);
      return [];
    } catch (error) {
      const setting = `evaluation.targets.${i}`;
      return [failed(setting, error, nearestSet(error, `${setting}.dataset`))];
    }
  });
  if (findings.length > 0) return findings;
  try {
    resolveTargets(targets, template);
    return [];
  } catch (error) {
    return [failed("evaluation.targets", error)];
  }
}

function dataFixes({ data }: Config, error: unknown): ConfigFix[] {
  if (error instanceof ShotsError) {
    const set = (shots: number | null): ConfigFix => ({
      kind: "set",
      values: { "data.shots": shots },
    });
    return [...(error.most > 0 ? [set(error.most)] : []), set(null)];
  }
  const nearest = nearestSet(error, "data.dataset");
  if (nearest.length > 0) return nearest;
  const { root, dataset } = data;
  const check: ConfigFix[] = root === null ? [] : [{ kind: "checkData", root }];
  if (error instanceof UnknownSetError) return check;
  const choose: ConfigFix = { kind: "chooseImages", dataset };
  // A folder that is there may lack something, which the check shows.
  return root !== null && existsSync(root) ? [...check, choose] : [choose, ...check];
}

/** The data set that was probably meant by a name that none has. */
function nearestSet(error: unknown, setting: string): ConfigFix[] {
  if (!(error instanceof UnknownSetError) || error.meant === null) return [];
  return [{ kind: "set", values: { [setting]: error.meant } }];
}

/** Whether a run on the CPU fits into memory; a note where it fits into what the machine has, but not into what is free. */
export function memoryFindings(
  { training, device, data }: Config,
  snapshot: Snapshot,
  { classNames, train }: OpenedData,
  free: Memory = memory(),
): ConfigFinding[] {
  // What a GPU has cannot be seen from here.
  if (device !== "cpu" && device !== "auto") return [];
  const { folder, config } = snapshot;
  const template = resolveData(data).template;
  try {
    const tokenizer = openTokenizer(folder, config.text.contextLength);
    const prompts = promptBatch(
      classNames.map((name) => tokenizer.encode(promptOf(template, name))),
      config.text,
    );
    const run = {
      classes: prompts.count,
      promptTokens: tokensPerClass(prompts),
      longestPrompt: prompts.length,
      trainImages: train.length,
    };
    const finding = checkMemory(training, snapshot, run, free);
    return finding ? [finding] : [];
  } catch (error) {
    return [failed("model", error)];
  }
}

function failed(setting: string, error: unknown, fixes: ConfigFix[] = []): ConfigFinding {
  return { setting, state: "failed", message: messageOf(error), fixes };
}

/** The setting that a sentence begins with. */
function settingOf(error: unknown, otherwise: string): string {
  return (
    /^(?:data|optimizer|evaluation|training|lora)\.\w+/.exec(messageOf(error))?.[0] ?? otherwise
  );
}
