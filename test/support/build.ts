import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** Bundles the programs once before all tests: those that start `dist/*.js` run the present sources. */
export default function build(): void {
  execFileSync(process.execPath, ["esbuild.mjs"], {
    cwd: resolve(__dirname, "../.."),
    stdio: "inherit",
  });
}
