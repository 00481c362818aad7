import { type FileHandle, open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { RunEvent } from "../../protocol/events";

/** Bytes that are read and taken in at once: a few milliseconds of work, then others have their turn. */
const portion = 64 * 1024;
/** What a moment brings is smaller than this. */
const addition = 4 * 1024;

/** Reads what is appended to a file, line by line. One call of `read` or `readOn` at a time. */
export interface Tail {
  /**
   * Takes in the complete lines that were added since the last call; with `toEnd` a last line without its end as well.
   * False where nothing was added.
   */
  read(toEnd?: boolean): Promise<boolean>;
  /**
   * As `read`, at a fraction of its cost from the second call on: the file stays open until `rest`. That another file took
   * its place is noticed by `read` alone.
   */
  readOn(): Promise<boolean>;
  /** Lets go of the file, which otherwise could not be renamed or deleted on every system. */
  rest(): Promise<void>;
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
  /** The file while it is read on in, and where its bytes go. */
  let kept: { handle: FileHandle; buffer: Buffer } | null = null;

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

  /** Opens what stands under the name now and gives its size, or null where nothing does. */
  const openFile = async (): Promise<{ handle: FileHandle; size: number } | null> => {
    const handle = await open(file, "r").catch(() => null);
    if (!handle) return null;
    try {
      const { size, ino } = await handle.stat();
      if (size < offset || (inode !== null && ino !== inode)) {
        offset = 0;
        onReset();
        await rest();
      }
      inode = ino;
      return { handle, size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  };

  const rest = async (): Promise<void> => {
    const handle = kept?.handle;
    kept = null;
    await handle?.close();
  };

  return {
    rest,
    async read(toEnd = false) {
      const opened = await openFile();
      if (!opened) return false;
      const { handle, size } = opened;
      try {
        const before = offset;
        if (size === before) return false;
        const buffer = Buffer.allocUnsafe(Math.min(portion, size - before + 1));
        const torn = await takeLines(handle, buffer);
        if (toEnd && torn.length > 0) {
          offset += torn.length;
          onLine(torn.toString("utf8"));
        }
        return offset > before;
      } finally {
        await handle.close();
      }
    },
    async readOn() {
      if (kept === null) {
        const opened = await openFile();
        if (!opened) return false;
        kept = { handle: opened.handle, buffer: Buffer.allocUnsafe(addition) };
      }
      const before = offset;
      await takeLines(kept.handle, kept.buffer);
      return offset > before;
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
