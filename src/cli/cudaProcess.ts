import { spawn } from "node:child_process";
import { constants } from "node:os";
import { cudaEnvironment } from "../util/cudaEnvironment";

/** The command has run in another process, and ended with this exit code. */
export class RanElsewhere extends Error {
  constructor(readonly exitCode: number) {
    super(`the command ran in another process and ended with code ${exitCode}`);
  }
}

/**
 * Lets a command that computes in this process find CUDA as the trainer does (`cudaEnvironment`). The system's loader reads
 * its path when a process starts, so where CUDA's folders are named the command is started again with them: throws
 * `RanElsewhere` when that has ended.
 */
export async function prepareForCuda(): Promise<void> {
  const environment = cudaEnvironment();
  const known = environment.LD_LIBRARY_PATH === process.env.LD_LIBRARY_PATH;
  Object.assign(process.env, environment);
  if (!known) throw new RanElsewhere(await again());
}

/** Runs this command line once more, with this process's terminal and environment as it is now. */
function again(): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: "inherit",
    });
    // A terminal's Ctrl-C reaches both; what is sent to this process alone is handed on.
    process.on("SIGINT", () => undefined);
    for (const signal of ["SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
