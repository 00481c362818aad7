import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { printRows, type Row } from "./rows";

/**
 * All that is measured against a number, one after the other, on a machine that does nothing else (about 20 minutes on two
 * cores, half of them PyTorch's): `npm run bench -- [--python PYTHON]`. PYTHON is one that has PyTorch, transformers, peft and
 * Pillow (`bench/venv.sh FOLDER` makes it); without it the ratios to them are named as not measured.
 */
function main(): void {
  const folder = mkdtempSync(join(tmpdir(), "glad-bench-rows-"));
  const rows = join(folder, "rows.jsonl");
  writeFileSync(rows, "");
  console.log(`${machine()}\nload average before: ${load()}`);
  const python = optionOf("--python");
  for (const name of ["images", "run", "step"]) {
    console.log(`\n## ${name}\n`);
    const { status } = spawnSync(
      process.execPath,
      [join(process.cwd(), "bench/run.mjs"), name, ...process.argv.slice(2)],
      {
        stdio: "inherit",
        env: { ...process.env, GLAD_BENCH_ROWS: rows, ...(python ? { GLAD_PYTHON: python } : {}) },
      },
    );
    if (status === 0) continue;
    console.log(`bench/${name}.ts failed; its rows are missing below`);
    process.exitCode = 1;
  }
  const lines = readFileSync(rows, "utf8").split("\n").filter(Boolean);
  printRows(lines.map((line) => JSON.parse(line) as Row));
  console.log(`\nload average after: ${load()}`);
  rmSync(folder, { recursive: true, force: true });
}

function optionOf(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** What was measured, and where: processor, commit, date. */
function machine(): string {
  const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();
  const dirty = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes";
  const [first] = cpus();
  return (
    `${first?.model ?? "unknown processor"}, ${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GiB; ` +
    `Node ${process.versions.node}; ${new Date().toISOString().slice(0, 10)}, commit ${git("rev-parse", "--short", "HEAD")}${dirty}`
  );
}

function load(): string {
  return loadavg()
    .map((n) => n.toFixed(1))
    .join(" ");
}

main();
