import { open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { RunEvent } from "../../protocol/events";

/** Bytes that are read and taken in at once: a few milliseconds of work, then others have their turn. */
const portion = 64 * 1024;

/** Reads what is appended to a file, line by line. */
export interface Tail {
  /**
   * Takes in the complete lines that were added since the last call; with `toEnd` a last line without its end as well.
   * False where nothing was added. One call at a time.
   */
  read(toEnd?: boolean): Promise<boolean>;
}

export interface TailOptions {
  /** The byte to begin at. */
  from?: number;
  /** Hears that another file stands in the place of the one that was read, or that lines were cut off: all begins anew. */
  onReset?: () => void;
}

/**
 * A reader of a file of lines that grows. It never blocks for long however long the file is. A file that is not there
 * yet has no lines. A line counts when it is whole: one that a kill tore is cut off by the next trainer, which writes on
 * in its place.
 */
export function tailLines(
  file: string,
  onLine: (line: string) => void,
  { from = 0, onReset = () => undefined }: TailOptions = {},
): Tail {
  /** The end of the last whole line that was taken in. */
  let offset = from;
  let inode: number | null = null;

  /** Takes in the lines of [offset, size) and gives the bytes after the last of them. */
  const takeLines = async (
    readAt: (buffer: Buffer, position: number) => Promise<number>,
    size: number,
  ): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(Math.min(portion, size - offset));
    let rest: Buffer[] = [];
    for (let position = offset; position < size; await setImmediate()) {
      const count = await readAt(buffer, position);
      if (count === 0) break;
      position += count;
      const bytes = buffer.subarray(0, count);
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end === 0) {
        rest.push(Buffer.from(bytes));
        continue;
      }
      const whole = Buffer.concat([...rest, bytes.subarray(0, end - 1)]).toString("utf8");
      rest = [Buffer.from(bytes.subarray(end))];
      offset = position - count + end;
      for (const line of whole.split("\n")) onLine(line);
      if (position >= size) break;
    }
    return Buffer.concat(rest);
  };

  return {
    async read(toEnd = false) {
      const handle = await open(file, "r").catch(() => null);
      if (!handle) return false;
      try {
        const { size, ino } = await handle.stat();
        if (size < offset || (inode !== null && ino !== inode)) {
          offset = 0;
          onReset();
        }
        inode = ino;
        const before = offset;
        if (size === before) return false;
        const readAt = async (buffer: Buffer, position: number): Promise<number> =>
          (await handle.read(buffer, 0, buffer.length, position)).bytesRead;
        const rest = await takeLines(readAt, size);
        if (toEnd && rest.length > 0) {
          offset += rest.length;
          onLine(rest.toString("utf8"));
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
    const event = JSON.parse(cut < 0 ? line : `${line.slice(0, cut)}}`) as RunEvent | null;
    return typeof event?.type === "string" && typeof event.time === "string" ? event : null;
  } catch {
    return null;
  }
}
