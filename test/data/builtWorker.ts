import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll } from "vitest";

const repository = join(import.meta.dirname, "../..");

/** Bundles the image worker from the sources for the tests of one file; gives where it will lie. */
export function builtWorker(name: string): string {
  const program = join(repository, "dist", `imageWorker-${name}-${process.pid}.js`);
  beforeAll(() => {
    buildSync({
      entryPoints: [join(repository, "src/data/imageWorker.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      external: ["sharp"],
    });
  });
  afterAll(() => rmSync(program, { force: true }));
  return program;
}
