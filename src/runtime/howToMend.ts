import type { Device } from "./device";

/** What a person can do about a device that a probe found not to work for `reason`; one clause without a full stop. */
export function howToMend(
  device: Device,
  reason: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const mend = mends.find(
    ({ kind, found }) => (kind === undefined || kind === device.kind) && found.test(reason),
  );
  if (mend !== undefined) return mend.how(env);
  return device.kind === "cpu"
    ? "reinstall GLAD (a copy of its repository: `npm ci`)"
    : `update the GPU's driver, or set "device" to "cpu"`;
}

const mends: { kind?: Device["kind"]; found: RegExp; how: (env: NodeJS.ProcessEnv) => string }[] = [
  { found: /has only/, how: () => `set "device" to one of these or to "auto"` },
  {
    found: /^no answer within/,
    how: () =>
      `try again, as a first start can be slow (a run waits 10 s), or set "device" to "cpu"`,
  },
  { found: /16-bit floats/, how: () => `set training.precision to "float32"` },
  {
    kind: "cuda",
    found: /libcuda\.so/,
    how: () => "install NVIDIA's driver (`nvidia-smi` must list the GPU)",
  },
  {
    kind: "cuda",
    found: /libonnxruntime_providers/,
    how: (env) =>
      "unpack the CUDA provider of the same onnxruntime version (NuGet: Microsoft.ML.OnnxRuntime.Gpu.Linux, PyPI: onnxruntime-gpu) " +
      `and set GLAD_CUDA_PATH to the folder that holds it (${now(env)})`,
  },
  {
    kind: "cuda",
    found: /library .* is missing/,
    how: (env) =>
      `install the CUDA or cuDNN that has this library and add its folder to GLAD_CUDA_PATH (${now(env)})`,
  },
  {
    kind: "cuda",
    found: /./,
    how: () => "see whether `nvidia-smi` lists the GPU as free and healthy",
  },
  {
    kind: "webgpu",
    found: /libvulkan/,
    how: () => `install the Vulkan loader (Debian: libvulkan1) and the GPU's driver, or use "cpu"`,
  },
  {
    kind: "webgpu",
    found: /adapter/,
    how: () =>
      `install the GPU's driver with Vulkan (Debian: mesa-vulkan-drivers, or NVIDIA's), or use "cpu"`,
  },
];

function now({ GLAD_CUDA_PATH }: NodeJS.ProcessEnv): string {
  return GLAD_CUDA_PATH ? `now ${GLAD_CUDA_PATH}` : "now unset";
}
