import { renameSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { readLock, releaseLock, takeLock } from "../util/lockFile";
import { makeFolderSync } from "../util/makeFolder";
import { isRunning, processStart } from "../util/processStart";

/**
 * Places for runs on this machine. All queues of a user share them, so that the queues of two projects do not put their
 * runs on one device at the same time. A slot is held by the trainer, not by the queue: it stays taken when the queue
 * dies, and is free again when the trainer does.
 */
interface SlotHolder {
  nonce: string;
  pid: number;
  processStart: string | null;
}

/** A slot that is held. */
export interface Slot {
  file: string;
  nonce: string;
}

/** Takes the first free one of these slots for this process; null where all are held. */
export function takeSlot(names: readonly string[], nonce: string): Slot | null {
  const folder = join(tmpdir(), `glad-slots-${userInfo().username}`);
  makeFolderSync(folder, 0o700);
  for (const name of names) {
    const file = join(folder, name);
    const holder: SlotHolder = {
      nonce,
      pid: process.pid,
      processStart: processStart(process.pid),
    };
    try {
      takeLock(file, holder, (other: SlotHolder | null) => {
        if (other !== null && isRunning(other)) throw new SlotTaken();
      });
      return { file, nonce };
    } catch (error) {
      if (!(error instanceof SlotTaken)) throw error;
    }
  }
  return null;
}

/** Gives a slot that this process holds to another process, with whose end it becomes free. */
export function handOverSlot({ file, nonce }: Slot, pid: number): void {
  if (readLock(file)?.nonce !== nonce) return;
  const temporary = `${file}.${nonce}`;
  writeFileSync(temporary, JSON.stringify({ nonce, pid, processStart: processStart(pid) }));
  renameSync(temporary, file);
}

export function freeSlot({ file, nonce }: Slot): void {
  releaseLock(file, nonce);
}

class SlotTaken extends Error {}
