import { UserError } from "../util/errors";
import { type Device, deviceName, parseDevice } from "./device";
import { howToMend } from "./howToMend";
import { type Probed, probeDevices, type ProbeOptions } from "./probe";
import type { Precision } from "./probeGraphs";

export interface ChosenDevice {
  device: Device;
  /** As events and results write it. */
  name: string;
  /** What was chosen, and why each other was not. */
  reason: string;
}

/**
 * The device for a run. "auto" takes the one with the highest measured rate of a matrix product among those that a
 * probe confirmed: so a GPU that is only emulated in software loses against the CPU. A device that is asked for by name
 * is confirmed too, and one that does not work is a `UserError` that says why and how to mend it.
 */
export async function chooseDevice(
  request: string,
  precision: Precision = "float32",
  options: ProbeOptions = {},
): Promise<ChosenDevice> {
  const asked = parseDevice(request);
  if (asked === null) return chooseAutomatically(await probeAll(precision, options), precision);
  if (asked.kind === "cpu" && precision === "float32")
    return { device: asked, name: "cpu", reason: "asked for" };
  const [probed] = await probeDevices([{ device: asked, precision }], options);
  const name = deviceName(asked);
  if (!probed!.ok)
    throw new UserError(
      `device "${name}" cannot be used: ${probed!.reason}; ${howToMend(asked, probed!.reason, options.env)}`,
    );
  return { device: asked, name, reason: `asked for, reaches ${rate(probed!)}` };
}

/**
 * Probes every device that this system may have, in the order in which they would be preferred: the GPUs at once, then
 * the CPU alone, which is not measured (but counts as working) when no GPU works and float32 is asked for.
 */
export async function probeAll(
  precision: Precision,
  options: ProbeOptions & { alwaysMeasureCpu?: boolean } = {},
): Promise<Probed[]> {
  const gpus = await probeDevices(
    candidates().map((device) => ({ device, precision })),
    options,
  );
  const cpu: Device = { kind: "cpu" };
  const measure = options.alwaysMeasureCpu || precision !== "float32" || gpus.some(({ ok }) => ok);
  const measured = measure
    ? await probeDevices([{ device: cpu, precision }], options)
    : [{ device: cpu, ok: true, reason: "", gigaflops: null, milliseconds: 0 }];
  return [...gpus, ...measured];
}

/** The best of what was probed, with the reasons against the others. */
export function chooseAutomatically(probed: readonly Probed[], precision: Precision): ChosenDevice {
  const working = probed.filter(({ ok }) => ok);
  const best = working.reduce<Probed | undefined>(
    (best, one) =>
      best === undefined || (one.gigaflops ?? 0) > (best.gigaflops ?? 0) ? one : best,
    undefined,
  );
  const against = probed
    .filter((one) => one !== best)
    .map((one) => `${deviceName(one.device)}: ${one.ok ? `only ${rate(one)}` : one.reason}`);
  if (best === undefined)
    throw new UserError(
      `device "auto": no device computes in ${precision} (${against.join("; ")}); set training.precision to "float32"`,
    );
  const name = deviceName(best.device);
  const merit =
    best.gigaflops === null ? "the only one that works" : `the fastest with ${rate(best)}`;
  return { device: best.device, name, reason: [merit, ...against].join("; ") };
}

/** GPUs that onnxruntime could know on this system. */
function candidates(): Device[] {
  const webgpu: Device = { kind: "webgpu" };
  if (process.platform === "win32") return [{ kind: "dml", index: 0 }, webgpu];
  if (process.platform === "linux" && process.arch === "x64")
    return [{ kind: "cuda", index: 0 }, webgpu];
  return [webgpu];
}

/** `445 GFLOP/s`. */
export function rate({ gigaflops }: Probed): string {
  const value = gigaflops ?? 0;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} GFLOP/s`;
}
