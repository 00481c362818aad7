import { type FileHandle, open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { RunEvent } from "../../protocol/events";
import type { Disposable } from "../emitter";

/** Bytes that are read and taken in at once: a few milliseconds of work, then others have their turn. */
const portion = 64 * 1024;
/** What a tenth of a second brings is smaller than this. */
const addition = 4 * 1024;

/** Reads what is appended to a file, line by line. */
export interface Tail extends Disposable {
  /**
   * Takes in the complete lines that were added since the last call; with `toEnd` a last line without its end as well.
   * False where nothing was added. One call at a time.
   */
  read(toEnd?: boolean): Promise<boolean>;
  /**
   * As `read`, at a fraction of its cost where the file grew at the last `read` and was kept open. That another file took
   * its place is noticed by `read` alone.
   */
  readOn(): Promise<boolean>;
}

export interface TailOptions {
  /** The byte to begin at. */
  from?: number;
  /** Keeps the file open from a reading that found it grown to the next `read`, or the end. */
  keepOpen?: boolean;
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
  { from = 0, keepOpen = false, onReset = () => undefined }: TailOptions = {},
): Tail {
  /** The end of the last whole line that was taken in. */
  let offset = from;
  let inode: number | null = null;

  /** The file, while it grows. */
  let growing: { handle: FileHandle; buffer: Buffer } | null = null;
  let disposed = false;

  /** Takes in the lines from `offset` to the end of the file and gives the bytes after the last of them. */
  const takeLines = async (handle: FileHandle, buffer: Buffer): Promise<Buffer> => {
    let rest: Buffer[] = [];
    for (let position = offset; ; await setImmediate()) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      position += bytesRead;
      const bytes = buffer.subarray(0, bytesRead);
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end === 0) rest.push(Buffer.from(bytes));
      else {
        const whole = Buffer.concat([...rest, bytes.subarray(0, end - 1)]).toString("utf8");
        rest = [Buffer.from(bytes.subarray(end))];
        offset = position - bytesRead + end;
        for (const line of whole.split("\n")) onLine(line);
      }
      if (bytesRead < buffer.length) return Buffer.concat(rest);
    }
  };

  const letGo = async (): Promise<void> => {
    const handle = growing?.handle;
    growing = null;
    await handle?.close();
  };

  const read = async (toEnd = false): Promise<boolean> => {
    await letGo();
    const handle = await open(file, "r").catch(() => null);
    if (!handle) return false;
    let grew = false;
    try {
      const { size, ino } = await handle.stat();
      if (size < offset || (inode !== null && ino !== inode)) {
        offset = 0;
        onReset();
      }
      inode = ino;
      const before = offset;
      if (size === before) return false;
      const rest = await takeLines(
        handle,
        Buffer.allocUnsafe(Math.min(portion, size - before + 1)),
      );
      if (toEnd && rest.length > 0) {
        offset += rest.length;
        onLine(rest.toString("utf8"));
      }
      grew = offset > before;
      return grew;
    } finally {
      if (grew && keepOpen && !disposed) growing = { handle, buffer: Buffer.allocUnsafe(addition) };
      else await handle.close();
    }
  };

  return {
    read,
    async readOn() {
      if (growing === null) return read();
      const before = offset;
      await takeLines(growing.handle, growing.buffer);
      return offset > before;
    },
    dispose() {
      disposed = true;
      void letGo().catch(() => undefined);
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
