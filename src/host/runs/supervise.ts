import { requestControl, type RunPaths } from "../../protocol/runFolder";
import { isAlive, isThisHost, readStatus, type Status } from "../../protocol/status";

/** The rungs of the ladder, in seconds: how long the request is waited for, and then the signal. */
export const stopPatience = { request: 30, signal: 30 } as const;

/** What stopping a run needs of the world. */
export interface StopPort {
  status(): Status | null;
  isAlive(status: Status): boolean;
  request(): void;
  signal(pid: number, name: "SIGTERM" | "SIGKILL"): void;
  sleep(milliseconds: number): Promise<void>;
  now(): number;
  platform: NodeJS.Platform;
}

export type StopEnd = "stopped" | "signalled" | "killed" | "gone" | "elsewhere";

/**
 * Stops the trainer of a run: asks by a request file, which the trainer heeds between steps; after 30 seconds by SIGTERM
 * (which Windows does not have); at last by ending the process. A signal is sent only to the process that the
 * status names, on this machine. `onRung` hears of each rung that is climbed.
 */
export async function stopRun(
  port: StopPort,
  onRung: (rung: "request" | "signal" | "kill") => void = () => undefined,
): Promise<StopEnd> {
  const first = port.status();
  if (!first || !port.isAlive(first)) return "gone";
  onRung("request");
  port.request();
  const ended = async (seconds: number): Promise<boolean> => {
    const until = port.now() + 1000 * seconds;
    while (port.now() < until) {
      if (isGone(port, first)) return true;
      await port.sleep(200);
    }
    return isGone(port, first);
  };
  if (await ended(stopPatience.request)) return "stopped";
  if (!isThisHost(first.host)) return "elsewhere";
  if (port.platform !== "win32") {
    onRung("signal");
    port.signal(first.pid!, "SIGTERM");
    if (await ended(stopPatience.signal)) return "signalled";
  }
  onRung("kill");
  port.signal(first.pid!, "SIGKILL");
  await ended(5);
  return "killed";
}

/** The trainer that was asked is gone: its process ended, or another start of the run has taken its place. */
function isGone(port: StopPort, first: Status): boolean {
  const now = port.status();
  return now === null || now.nonce !== first.nonce || !port.isAlive(first);
}

/** The port for a run folder on this machine. */
export function stopPort(paths: RunPaths): StopPort {
  return {
    status: () => readStatus(paths),
    isAlive,
    request: () => requestControl(paths, "stop"),
    signal(pid, name) {
      try {
        process.kill(pid, name);
      } catch (error) {
        // It ended in this moment.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    },
    sleep: (milliseconds) => new Promise((settle) => setTimeout(settle, milliseconds)),
    now: Date.now,
    platform: process.platform,
  };
}
