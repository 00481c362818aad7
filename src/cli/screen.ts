/** A stream on which lines are printed, on a terminal with one line below them that changes. */
export interface Screen {
  print(lines: readonly string[]): void;
  /** Sets the line that changes; nothing happens where the stream is no terminal. */
  progress(line: string): void;
  /** Removes the line that changes. */
  close(): void;
}

export type ScreenStream = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

const eraseLine = "\r\u001b[K";

/** The changing line is drawn at most once in `interval` milliseconds. */
export function openScreen(
  stream: ScreenStream,
  { interval = 100, now = Date.now }: { interval?: number; now?: () => number } = {},
): Screen {
  let shown = "";
  let drawn = -Infinity;
  return {
    print(lines) {
      if (lines.length === 0) return;
      const erase = shown === "" ? "" : eraseLine;
      stream.write(erase + lines.map((line) => `${line}\n`).join("") + shown);
    },
    progress(line) {
      if (!stream.isTTY || line === shown || now() - drawn < interval) return;
      drawn = now();
      // A line as wide as the terminal would break and could no longer be erased.
      shown = line.slice(0, Math.max(1, (stream.columns || 80) - 1));
      stream.write(eraseLine + shown);
    },
    close() {
      if (shown !== "") stream.write(eraseLine);
      shown = "";
    },
  };
}

/** Exit code of a command that Ctrl-C ended, as shells have it: 128 and the signal's number. */
export const interrupted = 130;

/**
 * From now on Ctrl-C removes the line that changes and ends the program at once, for commands that have nothing to save. Gives a
 * function that ends this.
 */
export function endOnInterrupt(screen: Pick<Screen, "close">): () => void {
  const end = (): void => {
    screen.close();
    process.exit(interrupted);
  };
  process.once("SIGINT", end);
  return () => process.off("SIGINT", end);
}
