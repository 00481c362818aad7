import { expect, test } from "vitest";
import { freeGpuMemory, freeOf } from "../../src/runtime/gpuMemory";
import { gpuMemoryForPasses } from "../../src/runtime/memory";

// As `nvidia-smi --query-gpu=index,uuid,memory.free --format=csv,noheader,nounits` prints it.
const listed = `0, GPU-5a1c7d3e-0000-0000-0000-000000000000, 81047
1, GPU-77e2b1f0-0000-0000-0000-000000000000, 1024
`;
const MiB = 2 ** 20;

test("the free memory is that of the GPU that CUDA numbers so", () => {
  expect(freeOf(listed, 0, undefined)).toBe(81047 * MiB);
  expect(freeOf(listed, 1, undefined)).toBe(1024 * MiB);
  expect(freeOf(listed, 0, "1,0")).toBe(1024 * MiB);
  expect(freeOf(listed, 1, "GPU-77e2, GPU-5a1c")).toBe(81047 * MiB);
});

test("a GPU that is not listed, or does not tell, has no known memory", async () => {
  expect(freeOf(listed, 2, undefined)).toBeNull();
  expect(freeOf(listed, 1, "0")).toBeNull();
  expect(freeOf(listed, 0, "")).toBeNull();
  expect(freeOf("0, GPU-5a1c, [N/A]\n", 0, undefined)).toBeNull();
  expect(freeOf("No devices were found\n", 0, undefined)).toBeNull();
  expect(await freeGpuMemory({ kind: "webgpu" })).toBeNull();
  expect(await freeGpuMemory({ kind: "cuda", index: 0 }, { PATH: "/nowhere" })).toBeNull();
});

test("passes leave room for the weights of the sessions", () => {
  expect(gpuMemoryForPasses(8192 * MiB, 600 * MiB)).toEqual({
    available: 0.75 * 6992 * MiB,
    budget: Math.floor((0.6 * 8192 - 1200) * MiB),
  });
  expect(gpuMemoryForPasses(1024 * MiB, 600 * MiB)).toEqual({
    available: 256 * MiB,
    budget: 256 * MiB,
  });
});
