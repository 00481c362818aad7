import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { LockHolder } from "./lockFile";
import { type ProcessName, processStart } from "./processStart";

/** A process by which others can tell whether the holder of a lock lives, on this machine or another. */
export interface HoldingProcess extends LockHolder, ProcessName {
  /** The machine that it runs on: folders may lie on a disk that several share. */
  host: string;
}

/** This process as the holder of a lock, with a nonce that nobody else has. */
export function thisProcess(): HoldingProcess {
  const { pid } = process;
  return { pid, processStart: processStart(pid), host: hostname(), nonce: randomUUID() };
}
