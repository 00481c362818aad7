import type { RunEvent } from "../protocol/events";
import { eventLines } from "./renderEvent";
import { advance, emptyProgress, type Plan, type Progress, progressLine } from "./renderProgress";
import { openScreen, type ScreenStream } from "./screen";

/** Tells a person, or a program, what a run does. */
export interface Reporter {
  event(event: RunEvent): void;
  /** Something to say that is no event. */
  say(lines: readonly string[]): void;
  /** To be called often: keeps the progress line of a terminal fresh. */
  tick(): void;
  close(): void;
}

/** Milliseconds between two step lines where the output is no terminal. */
const stepLineInterval = 5000;

/** Prints events as JSON lines and nothing else; what is no event goes to standard error. */
export function jsonReporter(
  stdout: ScreenStream = process.stdout,
  stderr: ScreenStream = process.stderr,
): Reporter {
  return {
    event: (event) => void stdout.write(JSON.stringify(event) + "\n"),
    say: (lines) => lines.forEach((line) => void stderr.write(`${line}\n`)),
    tick: () => undefined,
    close: () => undefined,
  };
}

/**
 * Prints lines: on a terminal with a progress line below them, elsewhere with a step line now and then. `earlier` are
 * the events of the run before this start.
 */
export function lineReporter(
  plan: Plan,
  earlier: readonly RunEvent[] = [],
  stream: ScreenStream = process.stdout,
): Reporter {
  const screen = openScreen(stream);
  let progress: Progress = earlier.reduce(advance, emptyProgress(plan));
  progress = { ...progress, doing: emptyProgress(plan).doing, since: null };
  let lineAt = -Infinity;
  return {
    event(event) {
      screen.print(eventLines(event, progress));
      progress = advance(progress, event);
      const time = Date.parse(event.time);
      const last = event.type === "step" && event.step === plan.steps;
      if (event.type !== "step" || stream.isTTY) return;
      if (!last && time - lineAt < stepLineInterval) return;
      lineAt = time;
      screen.print([progressLine(progress, time)]);
    },
    say: (lines) => screen.print(lines),
    tick: () => screen.progress(progressLine(progress, Date.now(), stream.columns)),
    close: () => screen.close(),
  };
}
