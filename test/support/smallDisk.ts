import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

const mounted: string[] = [];

afterEach(() => {
  for (const folder of mounted.splice(0)) {
    execFileSync("umount", ["--lazy", folder]);
    rmdirSync(folder);
  }
});

/**
 * A real file system of so many KiB in memory, unmounted after the test; null, with a line that says what is skipped,
 * where none may be mounted (that takes root on Linux).
 */
export function smallDisk(kibibytes: number, skipped: string): string | null {
  const folder = mkdtempSync(join(tmpdir(), "glad-disk-"));
  try {
    const options = ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder];
    execFileSync("mount", options, { stdio: "ignore" });
  } catch {
    rmdirSync(folder);
    console.log(
      `skipped: ${skipped}, because no small disk can be mounted here (root on Linux can)`,
    );
    return null;
  }
  mounted.push(folder);
  return folder;
}

/** Fills a disk to the last byte; gives the file that takes the space. */
export function fill(folder: string): string {
  const file = join(folder, "filling");
  mkdirSync(folder, { recursive: true });
  for (let bytes = 2 ** 20; bytes >= 1; bytes /= 2) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch {
      // Not so much at once; half of it may still fit.
    }
  }
  return file;
}

/** Remounts a disk read-only, or writable again. */
export function setReadOnly(folder: string, readOnly: boolean): void {
  execFileSync("mount", ["-o", `remount,${readOnly ? "ro" : "rw"}`, folder]);
}
