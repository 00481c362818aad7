import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll } from "vitest";

const repository = join(import.meta.dirname, "../..");

/** The driver that Debian's chromium brings: Vulkan in software, which makes WebGPU testable anywhere. */
export const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Whether WebGPU can be tested here; says so once in each test file that asks and must skip. */
export function hasSwiftShader(skipped: string): boolean {
  const found = existsSync(swiftShader);
  if (!found)
    console.log(
      `skipped: ${skipped}, because Debian's chromium package (${swiftShader}) is not installed`,
    );
  return found;
}

/** Bundles the probe's child from the sources for the tests of one file; gives where it will lie. */
export function builtProbe(name: string): string {
  const program = join(repository, "dist", `probe-${name}-${process.pid}.js`);
  beforeAll(() => {
    buildSync({
      entryPoints: [join(repository, "src/runtime/probeMain.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      external: ["onnxruntime-node"],
    });
  });
  afterAll(() => rmSync(program, { force: true }));
  return program;
}
