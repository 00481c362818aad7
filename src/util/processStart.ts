import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * When a process began, as a string that only that process has; null when there is no such process. On Linux it is
 * the start time in /proc, elsewhere what the system's own tool prints, and "unknown" where that tool fails.
 */
export function processStart(pid: number): string | null {
  if (!exists(pid)) return null;
  try {
    if (process.platform === "linux") return linuxStart(pid);
    const [command, ...args] =
      process.platform === "win32"
        ? ["powershell", "-NoProfile", "-Command", `(Get-Process -Id ${pid}).StartTime.Ticks`]
        : ["ps", "-o", "lstart=", "-p", String(pid)];
    return execFileSync(command, args, { encoding: "utf8" }).trim();
  } catch {
    return exists(pid) ? "unknown" : null;
  }
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets. A zombie runs no more. */
function linuxStart(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? null : fields[19]!;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
