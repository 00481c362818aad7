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
import { explainWriteError, isWriteError } from "../util/writeAtomically";

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
  const descriptor = writing(file, () => openSync(file, existsSync(file) ? "r+" : "w+"));
  writing(file, () => ftruncateSync(descriptor, complete));
  let position = complete;
  let next = lines;
  return {
    write(body) {
      const event: RunEvent = { n: next, time: new Date().toISOString(), ...body };
      const line = Buffer.from(JSON.stringify(event) + "\n");
      try {
        writing(file, () => writeWhole(descriptor, line, position));
      } catch (error) {
        // Nothing half-written stays behind.
        ftruncateSync(descriptor, position);
        throw error;
      }
      next++;
      position += line.length;
      return event;
    },
    sync: () => fsyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

function writeWhole(descriptor: number, line: Buffer, position: number): void {
  for (let done = 0; done < line.length;)
    done += writeSync(descriptor, line, done, line.length - done, position + done);
}

function writing<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isWriteError(error) ? explainWriteError(error, file) : error;
  }
}

function existing(file: string): { complete: number; lines: number } {
  if (!existsSync(file)) return { complete: 0, lines: 0 };
  const bytes = readFileSync(file);
  const complete = bytes.lastIndexOf(0x0a) + 1;
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  return { complete, lines };
}
