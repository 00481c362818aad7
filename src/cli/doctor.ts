import { existsSync } from "node:fs";
import { type OpenedData, openData } from "../data/openData";
import { openTokenizer } from "../data/tokenizer";
import { resolveModel } from "../models/hub";
import { openSnapshot } from "../models/snapshot";
import type { Snapshot } from "../models/types";
import { type Config, configSchema } from "../protocol/config";
import type { ConfigFinding } from "../protocol/configFinding";
import { defaultConfigFile, loadConfig } from "../protocol/loadConfig";
import { diagnoseMachine, type Finding } from "../runtime/diagnosis";
import { packageVersion } from "../runtime/nativeLibraries";
import type { ProbeOptions } from "../runtime/probe";
import { messageOf } from "../util/errors";
import { plural } from "../util/text";

export type { Finding };

/** Hears of findings as soon as they are known. */
export type FindingListener = (findings: readonly Finding[]) => void;

/**
 * What works on this machine for the runs of a configuration, and what does not: Node, onnxruntime, every processor,
 * memory, disk, sharp, the model and the data. Nothing is trained, downloaded or written. `file` null takes `glad.json`
 * of the working folder; where there is none, nothing asks for a model and data, and they are looked at for information.
 */
export async function diagnose(
  file: string | null,
  options: ProbeOptions = {},
  onFindings: FindingListener = () => undefined,
): Promise<Finding[]> {
  const tell = (found: Finding[]): Finding[] => {
    onFindings(found);
    return found;
  };
  const one = (found: Finding): Finding[] => tell([found]);
  const { finding, config, given } = configuration(file);
  tell(finding);
  const { device, output, training } = config;
  const [machine, drawing, opened] = await Promise.all([
    diagnoseMachine({ device, output, precision: training.precision }, options).then(tell),
    sharp().then(one),
    model(config.model, given).then((each) => {
      tell([each.finding]);
      return each;
    }),
  ]);
  const images = given ? data(config) : { finding: noData, opened: null };
  tell([images.finding]);
  const needed =
    given && opened.snapshot && images.opened
      ? tell(
          (await import("../train/checkConfig"))
            .memoryFindings(config, opened.snapshot, images.opened)
            .map(asFinding),
        )
      : [];
  return [...machine, ...drawing, opened.finding, images.finding, ...needed, ...finding];
}

function asFinding({ state, message }: ConfigFinding): Finding {
  return { name: "needed memory", state, text: message, mend: null };
}

/** The configuration; where there is none, or it is wrong, the defaults, so that the rest can still be looked at. */
function configuration(file: string | null): {
  finding: Finding[];
  config: Config;
  given: boolean;
} {
  const defaults = { config: configSchema.parse({ data: {} }), given: false };
  if (file === null && !existsSync(defaultConfigFile)) return { finding: [], ...defaults };
  const name = "config";
  try {
    const config = loadConfig(file);
    const text = file ?? defaultConfigFile;
    return { finding: [{ name, state: "ok", text, mend: null }], config, given: true };
  } catch (error) {
    const text = messageOf(error);
    return { finding: [{ name, state: "failed", text, mend: null }], ...defaults };
  }
}

/** sharp is loaded here and not before, so that a broken installation is a line and not a crash. */
async function sharp(): Promise<Finding> {
  try {
    const { default: load } = await import("sharp");
    const create = { width: 2, height: 1, channels: 3, background: "red" } as const;
    const pixels = await load({ create }).raw().toBuffer();
    if (pixels.join() !== "255,0,0,255,0,0") throw new Error("it draws wrong pixels");
    const text = `${packageVersion("sharp")} with libvips ${load.versions.vips}`;
    return { name: "sharp", state: "ok", text, mend: null };
  } catch (error) {
    const text = `does not work: ${messageOf(error).split("\n")[0]!}`;
    return {
      name: "sharp",
      state: "failed",
      text,
      mend: "reinstall GLAD (a copy of its repository: `npm ci`)",
    };
  }
}

/** Opens the model's settings and the headers of its weights; nothing is downloaded. */
async function model(
  name: string,
  needed: boolean,
): Promise<{ finding: Finding; snapshot: Snapshot | null }> {
  try {
    const folder = resolveModel(name);
    const snapshot = await openSnapshot(folder);
    const { config } = snapshot;
    openTokenizer(folder, config.text.contextLength);
    const { layers, patchSize, imageSize } = config.vision;
    const text = `${name}: ${plural(layers, "block")}, patches of ${patchSize}, images of ${imageSize} pixels`;
    return { finding: { name: "model", state: "ok", text, mend: null }, snapshot };
  } catch (error) {
    const state = needed ? "failed" : "note";
    const finding: Finding = { name: "model", state, text: messageOf(error), mend: null };
    return { finding, snapshot: null };
  }
}

/** Reads the data set and samples it as a run would; the images are looked for but not decoded. */
function data(config: Config): { finding: Finding; opened: OpenedData | null } {
  try {
    const opened = openData(config.data, config.protocol, config.seed);
    const { classNames, train, evaluations } = opened;
    const measured = evaluations.map(({ split, samples }) => `${split} ${samples.length}`);
    const text = `${plural(classNames.length, "class")}, ${plural(train.length, "image")} to train; to measure: ${measured.join(", ")}`;
    return { finding: { name: "data", state: "ok", text, mend: null }, opened };
  } catch (error) {
    const mend = `\`glad data check ${config.data.root ?? "ROOT"}\` says more`;
    const finding: Finding = { name: "data", state: "failed", text: messageOf(error), mend };
    return { finding, opened: null };
  }
}

const noData: Finding = {
  name: "data",
  state: "note",
  text: "not looked at: there is no configuration that names some",
  mend: "`glad doctor FILE` looks at the model and the data of a configuration",
};
