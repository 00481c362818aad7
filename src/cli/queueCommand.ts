import { basename, dirname } from "node:path";
import { type Command } from "commander";
import type { Standing } from "../executors/executor";
import { localExecutor, queueStatus, startQueue, stopQueue } from "../executors/local";
import { queueFolder } from "../executors/queueStore";
import { localExecutorSchema } from "../protocol/executor";
import { plural } from "../util/text";
import { defaultRunsFolder, findRun, runArgument } from "./findRun";
import { count, table } from "./format";
import { wholeNumber } from "./arguments";

/** Adds `glad queue`: runs that are carried out one after the other, in the background. */
export function registerQueue(program: Command): void {
  const queue = program
    .command("queue")
    .description("carry out runs one after the other in the background")
    .addHelpText("after", help);
  queue
    .command("add")
    .description("hand in runs that were made, stopped, interrupted or failed")
    .argument("<run...>", runArgument)
    .option(
      "--parallel <number>",
      "runs at once (default: one per GPU, or what fits)",
      wholeNumber(1),
    )
    .action(add);
  queue
    .command("status")
    .description("what waits, runs and is done")
    .option("--json", "print it as JSON")
    .action(({ json }: { json?: boolean }) => tellStatus(json ?? false));
  queue
    .command("remove")
    .description("take runs back; one at work stops after its present step")
    .argument("<run...>", runArgument)
    .action(remove);
  queue
    .command("stop")
    .description("stop the runs at work after their present step and start no other")
    .action(async () => {
      await stopQueue(folder());
      say("The queue stops; `glad queue start` goes on with it.");
    });
  queue
    .command("start")
    .description("go on with a queue that was stopped, or that died with its machine")
    .action(async () => {
      await startQueue(folder());
      tellStatus(false);
    });
}

const help = `
The queue outlives the terminal. On the CPU a run that takes all threads is
alone; set "threads" in the configuration, and several run at once.`;

async function add(written: string[], { parallel }: { parallel?: number }): Promise<void> {
  const settings = localExecutorSchema.parse({ kind: "local", parallel });
  const runs = written.map((run) => findRun(run).folder);
  const taken = await localExecutor(settings, folder()).submit(runs);
  const left = new Set(runs).size - taken.length;
  say(
    `${plural(taken.length, "run")} handed in` +
      (left === 0 ? "." : `; ${count(left)} left out, in the queue already or finished.`),
  );
}

async function remove(written: string[]): Promise<void> {
  const settings = localExecutorSchema.parse({ kind: "local" });
  await localExecutor(settings, folder()).cancel(written.map((run) => findRun(run).folder));
  tellStatus(false);
}

function tellStatus(json: boolean): void {
  const status = queueStatus(folder());
  if (json) return say(JSON.stringify(status, null, 2));
  const { worker, stopped, standings } = status;
  if (standings.length === 0)
    return say("The queue is empty; `glad queue add RUN` hands in a run.");
  say(table([["id", "state", "step", "reason"], ...standings.map(row)]).join("\n"));
  if (standings.every(({ settled }) => settled)) return;
  if (stopped) say("\nThe queue is stopped; `glad queue start` goes on with it.");
  else if (worker === null) say("\nNobody works on it; `glad queue start` goes on with it.");
}

function row({ folder: run, state, step, steps, reason }: Standing): string[] {
  return [basename(run), state, `${count(step)} of ${count(steps)}`, reason ?? ""];
}

function folder(): string {
  return queueFolder(dirname(defaultRunsFolder()));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
