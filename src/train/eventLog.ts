import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import type { RunPaths } from "../protocol/runFolder";
import type { RunEvent, RunEventBody } from "../protocol/events";
import { messageOf, UserError } from "../util/errors";

/** Appends a run's events, numbered without gaps over resumptions. */
export interface EventLog {
  write(event: RunEventBody): RunEvent;
  /** Makes sure that what was written is on the disk. */
  sync(): void;
  close(): void;
}

/** Opens events.jsonl for appending; the torn last line of a killed trainer is cut off first. */
export function openEventLog({ events: file }: RunPaths): EventLog {
  const { complete, lines } = existing(file);
  const descriptor = openSync(file, existsSync(file) ? "r+" : "w+");
  ftruncateSync(descriptor, complete);
  let position = complete;
  let next = lines;
  return {
    write(body) {
      const event: RunEvent = { n: next++, time: new Date().toISOString(), ...body };
      const line = Buffer.from(JSON.stringify(event) + "\n");
      try {
        let written = 0;
        while (written < line.length)
          written += writeSync(
            descriptor,
            line,
            written,
            line.length - written,
            position + written,
          );
      } catch (error) {
        // Nothing half-written stays behind.
        ftruncateSync(descriptor, position);
        throw new UserError(
          `${file}: cannot be written (${messageOf(error)}); free some space and resume the run`,
        );
      }
      position += line.length;
      return event;
    },
    sync: () => fsyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

function existing(file: string): { complete: number; lines: number } {
  if (!existsSync(file)) return { complete: 0, lines: 0 };
  const bytes = readFileSync(file);
  const complete = bytes.lastIndexOf(0x0a) + 1;
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  return { complete, lines };
}
