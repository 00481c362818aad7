import { expect, test } from "vitest";
import { DeviceLostError, isDeviceLoss } from "../../src/runtime/deviceLost";

const cuda = { kind: "cuda", index: 0 } as const;
const webgpu = { kind: "webgpu" } as const;
const dml = { kind: "dml", index: 0 } as const;

// What onnxruntime and the drivers say, as seen on machines or written in their sources.
const reset =
  "Non-zero status code returned while running MatMul node. Name:'a' Status Message: CUDA failure 700: an illegal " +
  "memory access was encountered ; GPU=0 ; hostname=x ; file=/onnxruntime_src/cuda_call.cc ; line=66 ; expr=cudaEvent; ";
const removed =
  "DmlExecutionProvider.cpp(922): Exception(1) tid(4): 887A0005 The GPU device instance has been suspended.";
const unsupported =
  "Non-zero status code returned while running MatMul node. Name:'b' Status Message: shader_helper.cc:416 " +
  "GenerateSourceCode Program MatMul requires f16 but the device does not support it.";
const wrongShape =
  "Got invalid dimensions for input: x for the following indices\n index: 0 Got: 2 Expected: 3";

test.each([
  ["a reset GPU", cuda, reset, false, true],
  ["a removed GPU", dml, removed, false, true],
  ["anything after a run that worked", webgpu, "buffer_manager.cc: mapping failed", true, true],
  ["a graph that the device never could run", webgpu, unsupported, false, false],
  ["wrong feeds", webgpu, wrongShape, true, false],
  ["a missing feed", webgpu, "input 'x' is missing in 'feeds'.", true, false],
  ["the CPU", { kind: "cpu" } as const, "anything", true, false],
])("%s", (_, device, message, ran, lost) => {
  expect(isDeviceLoss(device, message, ran)).toBe(lost);
});

test("the error says the cause and what to do", () => {
  expect(new DeviceLostError(cuda, reset)).toMatchInlineSnapshot(
    `[DeviceLostError: the device "cuda:0" failed in mid-run: CUDA says: an illegal memory access was encountered; resume the run when it works again, or with another "device"]`,
  );
  expect(new DeviceLostError(dml, removed).message).toContain("the GPU was lost (887A0005)");
  const message =
    "CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; file=/onnxruntime_src/cuda_allocator.cc ; line=57 ; expr=cudaMalloc; ";
  expect(new DeviceLostError(cuda, message).message).toBe(
    `the device "cuda:0" failed in mid-run: the GPU's memory is used up; resume the run: it goes on with passes of half the size`,
  );
});
