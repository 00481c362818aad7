import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

/** A ZIP archive: the paths of its files, and their contents. */
export interface Zip {
  paths: string[];
  read(path: string): Buffer;
}

/** Reads an archive's directory, and files as they are asked for. */
export function openZip(file: string): Zip {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0) throw new Error(`${file}: no ZIP archive`);
  const entries = new Map<string, { at: number; packed: number; method: number }>();
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    entries.set(bytes.toString("utf8", at + 46, at + 46 + name!), {
      at: bytes.readUInt32LE(at + 42),
      packed: bytes.readUInt32LE(at + 20),
      method: bytes.readUInt16LE(at + 10),
    });
    at += 46 + name! + extra! + comment!;
  }
  return {
    paths: [...entries.keys()].sort(),
    read(path) {
      const entry = entries.get(path);
      if (!entry) throw new Error(`${file}: no ${path}`);
      const start =
        entry.at + 30 + bytes.readUInt16LE(entry.at + 26) + bytes.readUInt16LE(entry.at + 28);
      const packed = bytes.subarray(start, start + entry.packed);
      return entry.method === 0 ? packed : inflateRawSync(packed);
    },
  };
}
