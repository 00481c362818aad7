import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { RunEvent } from "./events";

/** Events that a run has written up to some byte, and where to read on. */
export interface EventChunk {
  events: RunEvent[];
  /** Bytes up to the end of the last complete line. */
  offset: number;
}

/** The events of a file from a byte offset on. A last line without its end is left for the next time. */
export function readEventsFrom(file: string, offset: number): EventChunk {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return { events: [], offset };
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - offset));
    const read = readSync(descriptor, bytes, 0, bytes.length, offset);
    const end = bytes.subarray(0, read).lastIndexOf(0x0a) + 1;
    return { events: parseLines(bytes.toString("utf8", 0, end)), offset: offset + end };
  } finally {
    closeSync(descriptor);
  }
}

/** All events that hold: see `effectiveEvents`. */
export function readEvents(file: string): RunEvent[] {
  try {
    const text = readFileSync(file, "utf8");
    return effectiveEvents(parseLines(text.slice(0, text.lastIndexOf("\n") + 1)));
  } catch {
    return [];
  }
}

/**
 * The events without those that a resumption made void: a run that resumes at step s computes the later steps again, so
 * what was said of steps after s before that `started` no longer holds.
 */
export function effectiveEvents(events: readonly RunEvent[]): RunEvent[] {
  let kept: RunEvent[] = [];
  for (const event of events) {
    if (event.type === "started" && event.resumed)
      kept = kept.filter((earlier) => !isAfter(earlier, event.step));
    kept.push(event);
  }
  return kept;
}

function isAfter(event: RunEvent, step: number): boolean {
  if (event.type === "started" || event.type === "warning") return false;
  return event.step > step;
}

function parseLines(text: string): RunEvent[] {
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as RunEvent];
    } catch {
      // A line that was torn by a kill and closed by the next start.
      return [];
    }
  });
}
