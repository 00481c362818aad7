import { expect, test } from "vitest";
import { type Machine, placeFor, thisMachine } from "../../src/executors/places";

const cpuOnly: Machine = { cores: 8, cudaGpus: [], anyGpu: false };
const oneGpu: Machine = { cores: 8, cudaGpus: [], anyGpu: true };
const cluster: Machine = { cores: 64, cudaGpus: ["2", "5"], anyGpu: true };
const slots = (device: string, threads: number | null, parallel: "auto" | number, on: Machine) =>
  placeFor({ device, threads }, parallel, on, {}).slots;

test("on the CPU as many runs as threads fit, or as many as were asked for", () => {
  expect(slots("cpu", 2, "auto", cpuOnly)).toEqual(["cpu", "cpu.1", "cpu.2", "cpu.3"]);
  expect(slots("cpu", 3, "auto", cpuOnly)).toHaveLength(2);
  expect(slots("cpu", 16, "auto", cpuOnly)).toEqual(["cpu"]);
  expect(slots("cpu", null, "auto", cpuOnly)).toEqual(["cpu"]);
  expect(slots("cpu", null, 3, cpuOnly)).toHaveLength(3);
  expect(slots("auto", 4, "auto", cpuOnly)).toEqual(["cpu", "cpu.1"]);
});

test("one run per GPU, whatever its make", () => {
  for (const device of ["auto", "webgpu", "dml"])
    expect(slots(device, 1, "auto", oneGpu)).toEqual(["gpu-0"]);
  expect(slots("cuda:1", null, "auto", cluster)).toEqual(["gpu-5"]);
  // WebGPU takes the first whatever it is told.
  expect(slots("webgpu", null, "auto", cluster)).toEqual(["gpu-2"]);
  expect(slots("auto", null, "auto", cluster)).toEqual(["gpu-2"]);
});

test("CUDA's runs are distributed over the GPUs, each of which a process sees alone", () => {
  const place = placeFor({ device: "cuda", threads: null }, "auto", cluster, {});
  expect(place.slots).toEqual(["gpu-2", "gpu-5"]);
  expect(place.environment("gpu-5")).toEqual({ CUDA_VISIBLE_DEVICES: "5" });
  const four = placeFor({ device: "auto", threads: null }, 4, cluster, { GLAD_CUDA_PATH: "/cuda" });
  expect(four.slots).toEqual(["gpu-2", "gpu-5", "gpu-2.1", "gpu-5.1"]);
  expect(four.environment("gpu-2.1")).toEqual({ CUDA_VISIBLE_DEVICES: "2" });
});

test("CUDA's own list of GPUs is followed", () => {
  expect(thisMachine({ CUDA_VISIBLE_DEVICES: "2,5" })).toMatchObject({
    cudaGpus: ["2", "5"],
    anyGpu: true,
  });
  expect(thisMachine({ CUDA_VISIBLE_DEVICES: "" }).cudaGpus).toEqual([]);
});
