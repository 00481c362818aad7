import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Device } from "./device";

/**
 * Free bytes of a GPU's memory. Node and onnxruntime do not tell them, but NVIDIA's driver brings nvidia-smi. Null where
 * nobody tells: without it, and on WebGPU and DirectML, which do not say which GPU they took.
 */
export async function freeGpuMemory(
  device: Device,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number | null> {
  if (device.kind !== "cuda") return null;
  const query = ["--query-gpu=index,uuid,memory.free", "--format=csv,noheader,nounits"];
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", query, { env, timeout: 10_000 });
    return freeOf(stdout, device.index, env.CUDA_VISIBLE_DEVICES);
  } catch {
    return null;
  }
}

/**
 * What nvidia-smi says is free, in bytes, of the GPU that CUDA numbers `index` among the visible ones (named by index or by
 * the beginning of a UUID, `CUDA_VISIBLE_DEVICES`); both count by PCI address, see `cudaEnvironment`.
 */
export function freeOf(listed: string, index: number, visible: string | undefined): number | null {
  const gpus = listed
    .split("\n")
    .map((line) => line.split(",").map((part) => part.trim()))
    .filter((parts) => parts.length === 3);
  const name = visible === undefined ? String(index) : visible.split(",")[index]?.trim();
  if (!name) return null;
  const [, , free] = gpus.find(([number, uuid]) => number === name || uuid!.startsWith(name)) ?? [];
  const mebibytes = Number(free);
  return Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null;
}
