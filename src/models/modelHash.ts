import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { Snapshot } from "./types";

/**
 * SHA-256 over name, size and header of a snapshot's weight files: it changes with the architecture and the files'
 * make, and is there at once (hashing 600 MB of values is not).
 */
export function modelHash({ tensors }: Pick<Snapshot, "tensors">): string {
  const hash = createHash("sha256");
  for (const file of [...new Set([...tensors.values()].map((tensor) => tensor.file))].sort()) {
    const descriptor = openSync(file, "r");
    try {
      const length = Buffer.alloc(8);
      readSync(descriptor, length, 0, 8, 0);
      const header = Buffer.alloc(Number(length.readBigUInt64LE()));
      readSync(descriptor, header, 0, header.length, 8);
      hash.update(`${basename(file)} ${fstatSync(descriptor).size}\n`).update(header);
    } finally {
      closeSync(descriptor);
    }
  }
  return hash.digest("hex");
}
