import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { freemem, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { coreCount, engineThreads, memory, memoryBudget } from "../../src/runtime/memory";

const MiB = 2 ** 20;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "glad-memory-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Writes files as the kernel would show them below `root`. */
function kernel(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test("this machine", () => {
  const { available, total } = memory();
  expect(available).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(totalmem());
  expect(available).toBeLessThanOrEqual(total);
  expect(coreCount()).toBeGreaterThanOrEqual(1);
});

test("the budget is a share of the available memory with an upper bound", () => {
  expect(memoryBudget(1000 * MiB)).toBe(600 * MiB);
  expect(memoryBudget(64_000 * MiB)).toBe(2560 * MiB);
});

describe.runIf(process.platform === "linux")("control groups", () => {
  test("version 2: the limit of an outer group holds, dropped file pages count as available", () => {
    kernel({
      "proc/self/cgroup": "0::/user.slice/run.scope\n",
      "sys/fs/cgroup/user.slice/run.scope/memory.max": "max\n",
      "sys/fs/cgroup/user.slice/run.scope/memory.current": `${90 * MiB}\n`,
      "sys/fs/cgroup/user.slice/memory.max": `${200 * MiB}\n`,
      "sys/fs/cgroup/user.slice/memory.current": `${150 * MiB}\n`,
      "sys/fs/cgroup/user.slice/memory.stat": `anon 1\ninactive_file ${40 * MiB}\n`,
    });
    expect(memory(root)).toEqual({
      available: 90 * MiB,
      total: 200 * MiB,
      limitedBy: "control group",
    });
  });

  test("version 1 inside a container: the named path is not mounted, the root is", () => {
    kernel({
      "proc/self/cgroup": "4:memory:/docker/0d55\n1:cpu,cpuacct:/docker/0d55\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": `${300 * MiB}\n`,
      "sys/fs/cgroup/memory/memory.usage_in_bytes": `${100 * MiB}\n`,
      "sys/fs/cgroup/memory/memory.stat": `total_inactive_file ${10 * MiB}\n`,
    });
    expect(memory(root)).toEqual({
      available: 210 * MiB,
      total: 300 * MiB,
      limitedBy: "control group",
    });
  });

  test("version 1 without a limit", () => {
    kernel({
      "proc/self/cgroup": "4:memory:/\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
    });
    const { available, limitedBy } = memory(root);
    expect(limitedBy).toBe("machine");
    expect(Math.abs(available - freemem())).toBeLessThan(2048 * MiB);
  });

  const fourThreadsOnTwoCores = {
    "sys/devices/system/cpu/cpu0/topology/thread_siblings_list": "0,2\n",
    "sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "1,3\n",
    "sys/devices/system/cpu/cpu2/topology/thread_siblings_list": "0,2\n",
    "sys/devices/system/cpu/cpu3/topology/thread_siblings_list": "1,3\n",
  };

  test("two threads of a core count once", () => {
    kernel({ ...fourThreadsOnTwoCores, "proc/self/status": "Cpus_allowed_list:\t0-3\n" });
    expect(coreCount(root)).toBe(2);
  });

  test("affinity takes cores away", () => {
    kernel({ ...fourThreadsOnTwoCores, "proc/self/status": "Cpus_allowed_list:\t0,2\n" });
    expect(coreCount(root)).toBe(1);
  });

  test.each([
    ["version 2", { "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n" }],
    [
      "version 1",
      {
        "proc/self/cgroup": "1:cpu,cpuacct:/a\n",
        "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "200000\n",
        "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
      },
    ],
  ])("a quota of processor time takes cores away, %s", (_, files) => {
    const cores = Array.from({ length: 8 }, (_, i) => [
      `sys/devices/system/cpu/cpu${i}/topology/thread_siblings_list`,
      `${i}\n`,
    ]);
    kernel({
      ...(Object.fromEntries(cores) as Record<string, string>),
      ...files,
      "proc/self/status": "Cpus_allowed_list:\t0-7\n",
    });
    expect(engineThreads(root)).toBe(2);
  });
});
