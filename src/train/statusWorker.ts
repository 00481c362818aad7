import {
  closeSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Status } from "../protocol/status";
import { lossOfLock } from "../util/lockFile";
import { tick, type Ticks } from "./awakeClock";

/**
 * Keeps status.json: a worker thread, because the engine's native calls block the trainer's main thread for seconds
 * while the heartbeat must go on. Writes a change at once and the heartbeat every second; of steps, which may follow each other
 * quickly on a disk that many runs share, the latest a few times a second.
 */
const {
  file,
  lock,
  status: first,
  ticks,
} = workerData as { file: string; lock: string; status: Status; ticks: Ticks };
let status = first;

const temporary = `${file}.${process.pid}.tmp`;

function write(): void {
  // A folder that is being deleted must not get a new file, nor another trainer's status be replaced.
  if (status.nonce !== null && lossOfLock(lock, status.nonce) !== null) return;
  const text = JSON.stringify({ ...status, heartbeat: new Date().toISOString() }, null, 2) + "\n";
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch {
    // A full disk must not end the run, its next checkpoint will tell; but why it ended must be said. Written into the
    // blocks that the file already has, a status of this length needs no room.
    overwrite(Buffer.from(text));
  }
}

function overwrite(text: Buffer): void {
  try {
    rmSync(temporary, { force: true });
    const descriptor = openSync(file, "r+");
    try {
      writeSync(descriptor, text, 0, text.length, 0);
      ftruncateSync(descriptor, text.length);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A read-only disk takes nothing; the heartbeat goes on when it does again.
  }
}

/** Milliseconds between two writings of steps. */
const stepInterval = 250;
/** Changes that are not written yet. */
let waiting: number[] = [];
let timer: NodeJS.Timeout | null = null;

function flush(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  if (waiting.length === 0) return;
  write();
  for (const id of waiting) parentPort!.postMessage({ id });
  waiting = [];
  timer = setTimeout(flush, stepInterval);
}

parentPort!.on("message", ({ change, id }: { change: Partial<Status>; id: number }) => {
  status = { ...status, ...change };
  waiting.push(id);
  const isStep = Object.keys(change).every((key) => key === "step");
  if (!isStep || timer === null) flush();
});
setInterval(() => {
  tick(ticks);
  write();
}, 1000);
write();
