import type { Command } from "commander";
import { wrap } from "../util/columns";
import { diagnose, type Finding } from "./doctor";

interface DoctorOptions {
  json?: boolean;
  lines?: boolean;
}

/** Adds `glad doctor [config] [--json | --lines]`. */
export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("say what works on this machine, what does not, and how to mend it")
    .argument("[config]", "configuration of a run (default: glad.json where there is one)")
    .option("--json", "print the findings as JSON")
    .option("--lines", "print each finding as a line of JSON as soon as it is known")
    .action(async (config: string | undefined, { json, lines }: DoctorOptions) => {
      const findings = await diagnose(config ?? null, {}, lines ? printLines : undefined);
      if (json) process.stdout.write(JSON.stringify(findings, null, 2) + "\n");
      else if (!lines) process.stdout.write(report(findings));
      if (findings.some(({ state }) => state === "failed")) process.exitCode = 1;
    });
}

function printLines(findings: readonly Finding[]): void {
  for (const finding of findings) process.stdout.write(JSON.stringify(finding) + "\n");
}

const marks: Record<Finding["state"], string> = { ok: "ok", note: "--", failed: "FAIL" };

/** The findings as lines of at most `width` characters (a longer word, a path say, is not broken). */
export function report(findings: readonly Finding[], width = 80): string {
  const names = Math.max(...findings.map(({ name }) => name.length)) + 2;
  const lines = findings.flatMap(({ name, state, text, mend }) => [
    ...wrap(marks[state].padEnd(6) + name.padEnd(names), text, width),
    ...(mend === null ? [] : wrap(" ".repeat(6 + names) + "-> ", mend, width)),
  ]);
  const failed = findings.filter(({ state }) => state === "failed").map(({ name }) => name);
  const verdict =
    failed.length === 0
      ? "Everything that is needed works."
      : `To be mended: ${failed.join(", ")}.`;
  return [...lines, verdict, ""].join("\n");
}
