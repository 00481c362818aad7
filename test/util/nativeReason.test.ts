import { expect, test } from "vitest";
import { nativeReason } from "../../src/util/nativeReason";

// Recorded from onnxruntime-node 1.30.0 on Linux, but for the Windows and CUDA lines, which follow its sources.
test.each([
  [
    "Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory",
    "the library libcublasLt.so.13 is missing",
  ],
  [
    "Failed to load library /x/libonnxruntime_providers_shared.so with error: /x/libonnxruntime_providers_shared.so: cannot open shared object file: No such file",
    "the library libonnxruntime_providers_shared.so is missing",
  ],
  [
    "Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file: No such file or directory",
    "the library libvulkan.so.1 is missing",
  ],
  [
    'LoadLibrary failed with error 126 "" when trying to load "C:\\x\\a.dll" which depends on "cudnn64_9.dll" which is missing',
    "the library cudnn64_9.dll is missing",
  ],
  [
    "Warning: vkCreateInstance: Found no drivers!\nWarning: vkCreateInstance failed with VK_ERROR_INCOMPATIBLE_DRIVER",
    "no GPU adapter: Vulkan found no driver",
  ],
  ["Failed to get a WebGPU adapter: No supported adapters", "no GPU adapter was found"],
  [
    "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=x",
    "CUDA says: no CUDA-capable device is detected",
  ],
  [
    'device "cuda:0" cannot be opened: CUDA says: no CUDA-capable device is detected; `glad doctor` says what is missing',
    "CUDA says: no CUDA-capable device is detected",
  ],
  ["CUDA failure 2: out of memory ; GPU=0 ; hostname=x", "the GPU's memory is used up"],
  [
    "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 1024",
    "the GPU's memory is used up",
  ],
  [
    "WebGPU device error(3): vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY",
    "the GPU's memory is used up",
  ],
  ["something else", null],
])("%s", (text, reason) => {
  expect(nativeReason(text)).toBe(reason);
});
