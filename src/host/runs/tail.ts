import { open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { RunEvent } from "../../protocol/events";

/** Bytes that are read and taken in at once: a few milliseconds of work, then others have their turn. */
const portion = 128 * 1024;

/** Reads what is appended to a file, line by line. */
export interface Tail {
  /** Takes in the complete lines that were added since the last call. False where nothing was added. */
  read(): Promise<boolean>;
}

/**
 * A reader of a file of lines that grows, from byte `from` on. It never blocks for long however long the file is. A file
 * that is not there yet has no lines.
 */
export function tailLines(file: string, onLine: (line: string) => void, from = 0): Tail {
  let offset = from;
  let rest: Buffer[] = [];
  const take = (bytes: Buffer): void => {
    const end = bytes.lastIndexOf(0x0a);
    if (end < 0) {
      rest.push(Buffer.from(bytes));
      return;
    }
    const whole = Buffer.concat([...rest, bytes.subarray(0, end)]).toString("utf8");
    rest = end + 1 < bytes.length ? [Buffer.from(bytes.subarray(end + 1))] : [];
    for (const line of whole.split("\n")) onLine(line);
  };
  return {
    async read() {
      const handle = await open(file, "r").catch(() => null);
      if (!handle) return false;
      try {
        const before = offset;
        const { size } = await handle.stat();
        const buffer = Buffer.allocUnsafe(Math.min(portion, Math.max(0, size - offset)));
        while (buffer.length > 0) {
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
          if (bytesRead === 0) break;
          offset += bytesRead;
          take(buffer.subarray(0, bytesRead));
          if (offset >= size) break;
          await setImmediate();
        }
        return offset > before;
      } finally {
        await handle.close();
      }
    },
  };
}

/** The event of a line; null of a line that a kill tore. Confusion counts, which may be megabytes, are left out. */
export function eventOfLine(line: string): RunEvent | null {
  if (line === "") return null;
  // Inside of a JSON text these quotes would be escaped, so this is the key, which stands last.
  const cut = line.indexOf(',"confusion":[');
  try {
    return JSON.parse(cut < 0 ? line : `${line.slice(0, cut)}}`) as RunEvent;
  } catch {
    return null;
  }
}
