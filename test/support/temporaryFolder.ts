import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder under the system's temporary one with these files (path: content); removed after the test. */
export function temporaryFolder(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  made.push(folder);
  writeFiles(folder, files);
  return folder;
}

/** Writes files below a folder, with the folders that they need. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array>): void {
  const there = new Set<string>();
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    const parent = dirname(file);
    if (!there.has(parent)) mkdirSync(parent, { recursive: true });
    there.add(parent);
    writeFileSync(file, content);
  }
}

/** Empty files `folder/000.jpg` and so on, for `temporaryFolder`. */
export function emptyImages(folder: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${folder}/${String(i).padStart(3, "0")}.jpg`, ""]),
  );
}
