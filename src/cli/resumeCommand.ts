import { basename } from "node:path";
import { once } from "node:events";
import type { Command } from "commander";
import { startTrainer } from "../executors/startTrainer";
import { readFrozen } from "../protocol/frozen";
import { isLiving } from "../protocol/living";
import { readEvents } from "../protocol/readEvents";
import { readStatus, runState } from "../protocol/status";
import { secondsOfSilence } from "../protocol/trainerLock";
import { UserError } from "../util/errors";
import { findRun, runArgument } from "./findRun";
import { eventsEnd, followRun, planOf } from "./followRun";
import { labelled } from "./format";
import { silenceLine } from "./renderRuns";
import { jsonReporter, lineReporter } from "./reporter";

interface ResumeOptions {
  device?: string;
  json?: boolean;
  detach?: boolean;
}

/** Adds `glad resume`. */
export function registerResume(program: Command): void {
  program
    .command("resume")
    .description("go on with a run from its last checkpoint")
    .argument("<run>", runArgument)
    .option("--device <name>", "auto, cpu, webgpu, cuda, cuda:N or dml (default: the run's)")
    .option("--json", "print the run's further events as JSON lines, and nothing else")
    .option("--detach", "go on in the background and return")
    .action(resume);
}

async function resume(written: string, { device, json, detach }: ResumeOptions): Promise<void> {
  const paths = findRun(written);
  const id = basename(paths.folder);
  const config = readFrozen(paths);
  const status = readStatus(paths);
  const state = status ? runState(status) : "interrupted";
  const silent = status && secondsOfSilence(paths, status);
  if (silent !== null) throw new UserError(silenceLine(id, silent));
  if (isLiving(state))
    throw new UserError(
      `${id}: is being trained by process ${status!.pid}; ${state === "paused" ? "`glad continue` goes on with it" : "there is nothing to resume"}`,
    );
  if (state === "finished")
    throw new UserError(
      `${id}: has finished (${status!.reason ?? `step ${status!.step}`}); start a new run with \`glad train --init-adapter\` to train further`,
    );
  const reporter = json ? jsonReporter() : lineReporter(planOf(config), readEvents(paths.events));
  reporter.say(labelled("run", id));
  const offset = eventsEnd(paths);
  const trainer = startTrainer(paths, { device: device ?? null });
  await once(trainer.child, "spawn");
  if (detach) {
    trainer.child.unref();
    return;
  }
  process.exitCode = await followRun(paths, trainer, reporter, offset);
}
