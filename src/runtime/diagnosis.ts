import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Device, deviceName, parseDevice } from "./device";
import { chooseAutomatically, probeAll, rate } from "./devices";
import { howToMend } from "./howToMend";
import { coreCount, memory } from "./memory";
import { foreignLibraries, packageVersion } from "./nativeLibraries";
import { type Probed, probeDevices, type ProbeOptions } from "./probe";
import type { Precision } from "./probeGraphs";

/** One line of a diagnosis. A note is something that a run does not need, or can do with less of. */
export interface Finding {
  name: string;
  state: "ok" | "note" | "failed";
  text: string;
  /** What the user can do about a note or a failure. */
  mend: string | null;
}

export interface MachineQuestions {
  /** The device that runs are going to ask for. */
  device: string;
  precision: Precision;
  /** Folder that run folders are going to be made in. */
  output: string;
}

const GiB = 2 ** 30;

/** A diagnosis takes under 5 seconds even where a driver hangs; a run waits for longer. */
const diagnosisTimeoutMs = 2500;

/** What this machine offers: Node, onnxruntime, every processor with its reason or rate, memory and disk. */
export async function diagnoseMachine(
  questions: MachineQuestions,
  options: ProbeOptions = {},
): Promise<Finding[]> {
  const processors = await processorFindings(questions, options);
  return [node(), ...processors, memoryFinding(), disk(questions.output)];
}

function ok(name: string, text: string): Finding {
  return { name, state: "ok", text, mend: null };
}

function node(): Finding {
  const text = `${process.version} on ${process.platform} ${process.arch}`;
  const [major, minor] = process.versions.node.split(".").map(Number);
  const enough = major! > 20 || (major === 20 && minor! >= 9);
  return enough
    ? ok("node", text)
    : { name: "node", state: "failed", text, mend: "install Node 20.9 or newer" };
}

/** onnxruntime itself is judged by its CPU: it is loaded in the probe's child, where it can do no harm. */
async function processorFindings(
  { device, precision }: MachineQuestions,
  options: ProbeOptions,
): Promise<Finding[]> {
  const foreign = foreignLibraries();
  if (foreign) return [{ name: "onnxruntime", state: "failed", ...foreign }];
  const all = await probeAll(precision, {
    timeoutMs: diagnosisTimeoutMs,
    ...options,
    alwaysMeasureCpu: true,
  });
  const asked = parseDevice(device);
  const isListed = (wanted: Device) =>
    all.some((one) => deviceName(one.device) === deviceName(wanted));
  if (asked !== null && !isListed(asked))
    all.unshift(
      ...(await probeDevices([{ device: asked, precision }], {
        timeoutMs: diagnosisTimeoutMs,
        ...options,
      })),
    );
  const cpu = all.find((one) => one.device.kind === "cpu")!;
  const version = packageVersion("onnxruntime-node");
  const engine: Finding = cpu.ok
    ? ok("onnxruntime", version)
    : {
        name: "onnxruntime",
        state: "failed",
        text: `${version} does not compute: ${cpu.reason}`,
        mend: howToMend(cpu.device, cpu.reason, options.env),
      };
  const lines = all.map((one) => processor(one, asked, options.env));
  return cpu.ok ? [engine, ...lines, ...chosen(all, asked, precision)] : [engine, ...lines];
}

function processor(one: Probed, asked: Device | null, env?: NodeJS.ProcessEnv): Finding {
  const name = deviceName(one.device);
  if (one.ok) {
    const cores = one.device.kind === "cpu" ? ` on ${plural(coreCount(), "core")}` : "";
    return ok(name, `${rate(one)}${cores}`);
  }
  const needed = asked === null ? one.device.kind === "cpu" : deviceName(asked) === name;
  return {
    name,
    state: needed ? "failed" : "note",
    text: `not usable: ${one.reason}`,
    mend: howToMend(one.device, one.reason, env),
  };
}

function chosen(all: readonly Probed[], asked: Device | null, precision: Precision): Finding[] {
  if (asked !== null) return [];
  return [ok("device", `"auto" takes ${chooseAutomatically(all, precision).name}`)];
}

function memoryFinding(): Finding {
  const { available, total, limitedBy } = memory();
  const text = `${gib(available)} free of ${gib(total)} (limit of the ${limitedBy})`;
  if (available < GiB)
    return {
      name: "memory",
      state: "failed",
      text,
      mend: "a run of ViT-B/16 needs 1 GiB at least: close programs or ask for more memory",
    };
  if (available < 4 * GiB)
    return {
      name: "memory",
      state: "note",
      text,
      mend: "automatic batch passes become smaller; with 4 GiB free they need not",
    };
  return ok("memory", text);
}

/** Space and permission where run folders are going to be made. */
export function disk(output: string): Finding {
  let folder = resolve(output);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return {
      name: "disk",
      state: "failed",
      text: `${folder} cannot be written to`,
      mend: 'make it writable, or set "output" to another folder',
    };
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${gib(free)} free in ${folder}`;
  if (free < GiB / 4)
    return {
      name: "disk",
      state: "failed",
      text,
      mend: 'checkpoints need 0.25 GiB at least: make room, or set "output" to another disk',
    };
  return ok("disk", text);
}

function gib(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
