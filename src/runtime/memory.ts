import { readFileSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { cgroupFolders } from "./cgroup";

const GiB = 2 ** 30;

export interface Memory {
  /** Bytes that this process may still take without swapping or being killed. */
  available: number;
  /** Bytes that the machine, or the control group around this process, has in all. */
  total: number;
  /** What sets the limit. */
  limitedBy: "machine" | "control group";
}

/**
 * Memory as this process sees it: the machine's, or the smallest control group's (version 1 or 2) around it. File
 * pages that the kernel can drop count as available. `root` is where /proc and /sys are looked for.
 */
export function memory(root = "/"): Memory {
  // libuv reads MemAvailable on Linux and the available physical memory on Windows. macOS counts only untouched pages
  // there, although it gives back cached ones on demand, so half of the memory is assumed at least.
  const free = process.platform === "darwin" ? Math.max(freemem(), totalmem() / 2) : freemem();
  const result: Memory = { available: free, total: totalmem(), limitedBy: "machine" };
  if (process.platform !== "linux") return result;
  for (const { version, folder } of cgroupFolders("memory", root)) {
    const [limitFile, usedFile] =
      version === 2
        ? ["memory.max", "memory.current"]
        : ["memory.limit_in_bytes", "memory.usage_in_bytes"];
    const limit = readNumber(join(folder, limitFile));
    const used = readNumber(join(folder, usedFile));
    // Version 1 writes a number near 2^63 where there is no limit, version 2 the word "max".
    if (limit === null || used === null || limit >= result.total) continue;
    const available = Math.max(0, limit - used + droppable(folder, version));
    result.total = limit;
    if (available < result.available) result.available = available;
    result.limitedBy = "control group";
  }
  return result;
}

/**
 * Bytes that the automatic batch sizes may use: six tenths of what is available, but no more than 2.5 GiB, because
 * larger passes of the engine are measured not to be faster on the CPU. This is main memory; it also stands in for a
 * GPU's where nobody tells that.
 */
export function memoryBudget(available = memory().available): number {
  return Math.floor(Math.min(0.6 * available, 2.5 * GiB));
}

/**
 * The same of a GPU's memory, where larger passes are faster, and what passes could have at most: the sessions for training
 * and evaluation bring the model's weights there twice and more, and onnxruntime's allocator takes up to half as
 * much again as is asked of it.
 */
export function gpuMemoryForPasses(
  free: number,
  weights: number,
): { available: number; budget: number } {
  const beside = free - 2 * weights;
  const least = 0.25 * GiB;
  return {
    available: Math.floor(Math.max(0.75 * beside, least)),
    budget: Math.floor(Math.max(0.6 * free - 2 * weights, least)),
  };
}

/**
 * Threads for the engine: the physical cores that this process may use, no more than its control group's share of
 * processor time. 0 leaves the choice to onnxruntime, which counts physical cores itself, on Windows and macOS.
 */
export function engineThreads(root = "/"): number {
  return process.platform === "linux" ? coreCount(root) : 0;
}

/** Physical cores that this process may use (on Windows and macOS: logical ones). */
export function coreCount(root = "/"): number {
  if (process.platform !== "linux") return availableParallelism();
  const cpus = allowedCpus(root);
  const siblings = new Set(
    cpus.map(
      (cpu) =>
        readText(
          join(root, `sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`),
        )?.trim() ?? String(cpu),
    ),
  );
  const cores = siblings.size || availableParallelism();
  return Math.max(1, Math.min(cores, Math.round(cpuQuota(root))));
}

/** Processors' worth of time that the control groups around this process grant; Infinity without a limit. */
function cpuQuota(root: string): number {
  let least = Infinity;
  for (const { version, folder } of cgroupFolders("cpu", root)) {
    const [quota, period] =
      version === 2
        ? (readText(join(folder, "cpu.max"))?.trim().split(" ").map(Number) ?? [])
        : [
            readNumber(join(folder, "cpu.cfs_quota_us")) ?? NaN,
            readNumber(join(folder, "cpu.cfs_period_us")) ?? NaN,
          ];
    // "max" became NaN; version 1 writes -1 for no limit.
    if (quota !== undefined && period !== undefined && quota > 0 && period > 0)
      least = Math.min(least, quota / period);
  }
  return least;
}

/** Numbers of the logical processors that the scheduler may put this process on. */
function allowedCpus(root: string): number[] {
  const status = readText(join(root, "proc/self/status")) ?? "";
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  if (list === undefined) return [];
  return list.split(",").flatMap((range) => {
    const [first, last] = range.split("-").map(Number);
    return Array.from({ length: (last ?? first!) - first! + 1 }, (_, i) => first! + i);
  });
}

/** Bytes of cached files that count as used, but that the kernel drops before it would kill anything. */
function droppable(folder: string, version: 1 | 2): number {
  const key = version === 2 ? "inactive_file" : "total_inactive_file";
  const stat = readText(join(folder, "memory.stat")) ?? "";
  return Number(new RegExp(`^${key} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
}

function readNumber(file: string): number | null {
  const text = readText(file)?.trim();
  return text === undefined || !/^-?\d+$/.test(text) ? null : Number(text);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
