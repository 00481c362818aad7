import { spawnSync } from "node:child_process";

/** Where a program lies that may be in a folder which only an administrator's PATH has; null where it is not installed. */
export function findProgram(program: string): string | null {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const found = spawnSync("sh", ["-c", `command -v ${program}`], {
    env: { ...process.env, PATH: path },
    encoding: "utf8",
  });
  return found.status === 0 ? found.stdout.trim() : null;
}
