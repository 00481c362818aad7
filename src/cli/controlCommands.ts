import { basename } from "node:path";
import type { Command } from "commander";
import { unawaited, noteForcedEnd, saidAgainAfter } from "../protocol/forcedEnd";
import { isThisHost } from "../protocol/heartbeat";
import { isLiving } from "../protocol/living";
import {
  checkpointSteps,
  type ControlRequest,
  requestControl,
  type RunPaths,
} from "../protocol/runFolder";
import { isAlive, readStatus, runState, type Status } from "../protocol/status";
import { heldElsewhere, secondsOfSilence } from "../protocol/trainerLock";
import { UserError } from "../util/errors";
import { findRun, runArgument } from "./findRun";
import { silenceLine } from "./renderRuns";

/** Adds `glad stop`, `glad pause`, `glad continue` and `glad checkpoint`: what can be asked of a run that is trained. */
export function registerControl(program: Command): void {
  program
    .command("stop")
    .description("end a run after its present step; it can be resumed")
    .argument("<run>", runArgument)
    .option("--now", "end it at once, at the price of the steps since its last checkpoint")
    .action(async (written: string, { now }: { now?: boolean }) => stop(findRun(written), now));
  const requests: [ControlRequest, string, string][] = [
    ["pause", "let a run stand still after its present step", "pauses after its present step"],
    ["continue", "go on with a paused run", "goes on"],
    ["checkpoint", "save a checkpoint now", "saves a checkpoint after its present step"],
  ];
  for (const [request, description, said] of requests)
    program
      .command(request)
      .description(description)
      .argument("<run>", runArgument)
      .action((written: string) => {
        const paths = findRun(written);
        const id = basename(paths.folder);
        const silent = secondsOfSilence(paths, livingStatus(paths));
        if (silent !== null) throw new UserError(silenceLine(id, silent));
        requestControl(paths, request);
        process.stdout.write(`${id} ${said}\n`);
      });
}

/** Asks for the end and waits for it; with `now` the process is ended. */
async function stop(paths: RunPaths, now = false): Promise<void> {
  const id = basename(paths.folder);
  const status = livingStatus(paths);
  if (now && !isThisHost(status.host))
    throw new UserError(
      `${id}: is trained on ${status.host!}, where alone it can be ended at once; leave out --now, or do it there`,
    );
  const place = now ? heldElsewhere(paths) : null;
  if (place !== null)
    throw new UserError(
      `${id}: is a copy of ${place}, whose trainer would be ended; name that folder if it is the one that is meant`,
    );
  const ended = now ? await end(paths, status) : await waitForEnd(paths, status);
  const [saved] = checkpointSteps(paths).slice(-1);
  const from = saved === undefined ? "from the beginning" : `from step ${saved}`;
  const text =
    ended?.state === "finished"
      ? "had made all its steps"
      : `stopped at step ${ended?.step ?? status.step}; \`glad resume ${id}\` goes on ${from}`;
  process.stdout.write(`${id} ${text}\n`);
}

/** Ends a trainer by force; gives the run's status of then, which says so. */
async function end(paths: RunPaths, status: Status): Promise<Status | null> {
  process.kill(status.pid!, "SIGKILL");
  noteForcedEnd(paths, status, unawaited);
  await pause(saidAgainAfter);
  while (isAlive(status)) await pause(50);
  noteForcedEnd(paths, status, unawaited);
  return readStatus(paths);
}

/** Asks for the end and waits for it; says once where the trainer hangs. Gives the run's status of then. */
async function waitForEnd(paths: RunPaths, status: Status): Promise<Status | null> {
  requestControl(paths, "stop");
  let ended: Status | null = status;
  let told = false;
  while (ended && isLiving(runState(ended))) {
    const silent: number | null = told ? null : secondsOfSilence(paths, ended);
    if (silent !== null) process.stderr.write(`${silenceLine(basename(paths.folder), silent)}\n`);
    told ||= silent !== null;
    await pause(50);
    ended = readStatus(paths);
  }
  return ended;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, milliseconds));
}

/** The status of a run whose trainer lives. */
function livingStatus(paths: RunPaths): Status {
  const status = readStatus(paths);
  const state = status ? runState(status) : "interrupted";
  if (isLiving(state)) return status!;
  const what = state === "created" ? "was never started" : `is not running but ${state}`;
  throw new UserError(`${basename(paths.folder)}: ${what}; \`glad runs\` shows what runs`);
}
