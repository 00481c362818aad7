import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * When a process began, as a string that only that process has; null when there is no such process. On Linux it is
 * the start time in /proc, elsewhere what the system's own tool prints, and "unknown" where that tool fails.
 */
export function processStart(pid: number): string | null {
  if (!processExists(pid)) return null;
  try {
    if (process.platform === "linux") return linuxStart(pid);
    const { command, args, env } = startTool(pid);
    return execFileSync(command, args, { encoding: "utf8", env }).trim();
  } catch {
    return processExists(pid) ? "unknown" : null;
  }
}

/** As `processStart`, without waiting: the systems' tools take up to half a second. */
export async function findProcessStart(pid: number): Promise<string | null> {
  if (process.platform === "linux" || !processExists(pid)) return processStart(pid);
  return new Promise((settle) => {
    const { command, args, env } = startTool(pid);
    execFile(command, args, { encoding: "utf8", env, windowsHide: true }, (error, stdout) => {
      const start = stdout.trim();
      if (!error && start !== "") settle(start);
      else settle(processExists(pid) ? "unknown" : null);
    });
  });
}

/** Whether there is a process of this id, whoever started it. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What prints the start of a process; two callers in different languages and time zones must read the same. */
function startTool(pid: number): { command: string; args: string[]; env: NodeJS.ProcessEnv } {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  if (process.platform !== "win32")
    return { command: "ps", args: ["-o", "lstart=", "-p", String(pid)], env };
  const script = `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().Ticks`;
  return { command: "powershell", args: ["-NoProfile", "-Command", script], env };
}

/** A process by its id and start; the start is null where the system did not tell it. */
export interface ProcessName {
  pid: number;
  processStart: string | null;
}

/** Whether a process of this machine lives, by its id and start: an id alone is used again. */
export function isRunning({ pid, processStart: start }: ProcessName): boolean {
  const found = processStart(pid);
  return found !== null && (start === null || found === start);
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets. A zombie runs no more. */
function linuxStart(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? null : fields[19]!;
}
