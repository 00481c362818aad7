/**
 * Why native code failed, in a few words, taken from what it printed on standard error (the exceptions that reach
 * JavaScript say less). Null when nothing known is in the text.
 */
export function nativeReason(text: string): string | null {
  const library =
    /([\w.+-]+\.(?:so|dylib)[\w.]*): cannot open shared object file/.exec(text)?.[1] ??
    /which depends on "([^"]+\.dll)" which is missing/.exec(text)?.[1];
  if (library !== undefined) return `the library ${library} is missing`;
  for (const { found, reason } of known) {
    const match = found.exec(text);
    if (match) return reason(match);
  }
  return null;
}

/** What is said of a GPU that has no memory left. */
export const memoryUsedUp = "the GPU's memory is used up";

/** The first that fits is taken, so the cause stands before its consequence. */
const known: { found: RegExp; reason: (match: RegExpExecArray) => string }[] = [
  // What a session has made of CUDA's words already.
  { found: /CUDA says: [^;\n]+/, reason: ([said]) => said },
  { found: /CUDA failure 2: out of memory/, reason: () => memoryUsedUp },
  {
    found: /CUDA failure \d+: ([^;\n]+?) ?;/,
    reason: ([, what]) => `CUDA says: ${what!}`,
  },
  {
    found: /(?:CUBLAS|CUDNN) failure \d+: (\S+)/,
    reason: ([, what]) => `CUDA says: ${what!}`,
  },
  {
    found: /requires f16 but the device does not support it/,
    reason: () => "the GPU has no 16-bit floats (shader-f16)",
  },
  {
    found: /vkCreateInstance: Found no drivers/,
    reason: () => "no GPU adapter: Vulkan found no driver",
  },
  { found: /No supported adapters/, reason: () => "no GPU adapter was found" },
  {
    found: /VK_ERROR_OUT_OF_DEVICE_MEMORY|E_OUTOFMEMORY|Failed to allocate memory/,
    reason: () => memoryUsedUp,
  },
  {
    found: /WebGPU device lost[^:\n]*: ?([^\n]*)/,
    reason: ([, what]) => `the GPU was lost: ${what!}`,
  },
  {
    found: /VK_ERROR_DEVICE_LOST|DXGI_ERROR_DEVICE_(?:REMOVED|HUNG|RESET)|\b887A000[567]\b/i,
    reason: ([what]) => `the GPU was lost (${what})`,
  },
];
