import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * All benchmarks, one after the other, on a machine that does nothing else: `npm run bench -- [--python PYTHON]`. PYTHON is one
 * that has PyTorch, transformers, peft and Pillow (`bench/venv.sh FOLDER` makes it); without it the ratios are left out.
 */
for (const name of ["images", "run", "step"]) {
  console.log(`\n## ${name}\n`);
  const { status } = spawnSync(
    process.execPath,
    [join(process.cwd(), "bench/run.mjs"), name, ...process.argv.slice(2)],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exitCode = 1;
}
