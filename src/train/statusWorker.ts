import { renameSync, writeFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Status } from "../protocol/status";
import { messageOf } from "../util/errors";

/**
 * Keeps status.json: a worker thread, because the engine's native calls block the trainer's main thread for seconds
 * while the heartbeat must go on. Writes every change at once and the heartbeat every second.
 */
const { file, status: first } = workerData as { file: string; status: Status };
let status = first;

function write(): string | null {
  try {
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(
      temporary,
      JSON.stringify({ ...status, heartbeat: new Date().toISOString() }, null, 2) + "\n",
    );
    renameSync(temporary, file);
    return null;
  } catch (error) {
    // A full disk must not end the run: its next checkpoint will tell, and the heartbeat goes on when there is room.
    return messageOf(error);
  }
}

parentPort!.on("message", (message: { change: Partial<Status>; id: number }) => {
  status = { ...status, ...message.change };
  parentPort!.postMessage({ id: message.id, error: write() });
});
setInterval(write, 1000);
write();
