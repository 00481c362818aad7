import { spawn } from "node:child_process";
import { join, resolve } from "node:path";

/** The built command line. */
const cli = resolve(__dirname, "../../dist/cli.js");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Starts `glad` as a user would, in a working folder; `stdout` and `stderr` give what was printed so far. `input` is what it reads from
 * standard input, by default nothing.
 */
export function startGlad(folder: string, args: readonly string[], input = "") {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
    // Nothing of the user's own may reach the tests.
    env: { ...process.env, XDG_CONFIG_HOME: join(folder, "settings"), GLAD_DEBUG: "" },
  });
  // A command that reads nothing may have ended before this is written.
  child.stdin.on("error", () => undefined).end(input);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((settle) =>
    child.on("close", (code) => settle({ code, stdout, stderr })),
  );
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Runs `glad` to its end. */
export function glad(folder: string, ...args: string[]): Promise<Ended> {
  return startGlad(folder, args).ended;
}

/** Waits until a condition holds, for at most 30 seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((settle) => setTimeout(settle, 10));
  }
}
