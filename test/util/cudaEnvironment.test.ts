import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cudaEnvironment } from "../../src/util/cudaEnvironment";

test("CUDA is told not to round float32 to TF32 and to count as nvidia-smi does, unless the user says otherwise", () => {
  const ours = { NVIDIA_TF32_OVERRIDE: "0", CUDA_DEVICE_ORDER: "PCI_BUS_ID" };
  const theirs = { NVIDIA_TF32_OVERRIDE: "1", CUDA_DEVICE_ORDER: "FASTEST_FIRST" };
  expect(cudaEnvironment({ A: "b" })).toEqual({ A: "b", ...ours });
  expect(cudaEnvironment(theirs)).toEqual(theirs);
});

describe.runIf(process.platform === "linux" && process.arch === "x64")("GLAD_CUDA_PATH", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glad-cuda-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function library(path: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }

  test("puts onnxruntime beside the provider, then the folders with libraries, first on the loader's path", () => {
    library("site/onnxruntime/capi/libonnxruntime_providers_shared.so");
    library("site/onnxruntime/capi/libonnxruntime_providers_cuda.so");
    library("site/nvidia/cudnn/lib/libcudnn.so.9");
    const given = {
      GLAD_CUDA_PATH: join(folder, "site"),
      XDG_CACHE_HOME: join(folder, "cache"),
      LD_LIBRARY_PATH: "/before",
    };
    const environment = cudaEnvironment(given);
    const [links, ...rest] = environment.LD_LIBRARY_PATH!.split(":");
    expect(rest).toEqual([
      join(folder, "site/onnxruntime/capi"),
      join(folder, "site/nvidia/cudnn/lib"),
      "/before",
    ]);
    expect(dirname(links!)).toBe(join(folder, "cache/glad"));
    expect(readdirSync(links!).sort()).toEqual([
      "libonnxruntime.so.1",
      "libonnxruntime_providers_cuda.so",
      "libonnxruntime_providers_shared.so",
    ]);
    for (const name of readdirSync(links!)) expect(existsSync(join(links!, name))).toBe(true);
    // A child that starts children of its own gives them the same.
    expect(cudaEnvironment(environment)).toEqual(environment);
  });

  test("without the provider changes nothing", () => {
    library("lib/libcudnn.so.9");
    const environment = cudaEnvironment({ GLAD_CUDA_PATH: folder, LD_LIBRARY_PATH: "/before" });
    expect(environment.LD_LIBRARY_PATH).toBe("/before");
  });
});
