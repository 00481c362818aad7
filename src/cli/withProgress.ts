import type { SplitResult } from "../protocol/events";
import { duration } from "../protocol/pace";
import { endOnInterrupt, openScreen } from "./screen";

/**
 * Shows on a terminal (standard error) that a measurement goes on: what is done, and for how long it has been under way.
 * Ctrl-C ends the program.
 */
export async function withProgress<T>(
  work: (onResult: (result: SplitResult) => void) => Promise<T>,
): Promise<T> {
  const screen = openScreen(process.stderr);
  const forget = endOnInterrupt(screen);
  const start = Date.now();
  const done: string[] = [];
  const draw = (): void => {
    const so = done.length === 0 ? "" : `, done: ${done.join(", ")}`;
    screen.progress(`measuring for ${duration((Date.now() - start) / 1000)}${so}`);
  };
  const timer = setInterval(draw, 250);
  try {
    return await work(({ split }) => void done.push(split));
  } finally {
    clearInterval(timer);
    forget();
    screen.close();
  }
}
