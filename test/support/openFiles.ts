import { readdirSync, readlinkSync } from "node:fs";

/** How often this process has a file open at present, also one that was replaced meanwhile. Only Linux tells; elsewhere 0. */
export function openFiles(file: string): number {
  if (process.platform !== "linux") return 0;
  const folder = "/proc/self/fd";
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`).replace(/ \(deleted\)$/, "") === file;
    } catch {
      // It was closed meanwhile.
      return false;
    }
  }).length;
}
