import { UserError } from "../util/errors";

/** A processor that onnxruntime can compute on. */
export type Device =
  | { kind: "cpu" }
  | { kind: "webgpu" }
  | { kind: "cuda"; index: number }
  | { kind: "dml"; index: number };

/** The device that a configuration names; null for "auto". */
export function parseDevice(name: string): Device | null {
  if (name === "auto") return null;
  if (name === "cpu" || name === "webgpu") return { kind: name };
  if (name === "dml") return { kind: "dml", index: 0 };
  const index = /^cuda(?::(\d+))?$/.exec(name);
  if (index) return { kind: "cuda", index: Number(index[1] ?? 0) };
  throw new UserError(
    `device "${name}": must be "auto", "cpu", "webgpu", "cuda", "cuda:N" or "dml"`,
  );
}

/** How a device is written in configurations, events and results, e.g. `cuda:0`. */
export function deviceName(device: Device): string {
  return device.kind === "cuda" ? `cuda:${device.index}` : device.kind;
}
