import { once } from "node:events";
import type { Command } from "commander";
import { startTrainer } from "../executors/startTrainer";
import { loadWritten } from "../protocol/loadConfig";
import type { CreatedRun } from "../train/createRun";
import { followRun, planOf } from "./followRun";
import { count, labelled, shownPath } from "./format";
import { jsonReporter, lineReporter } from "./reporter";
import { openScreen } from "./screen";

interface TrainOptions {
  set?: string[];
  initAdapter?: string;
  json?: boolean;
  detach?: boolean;
}

/** Adds `glad train`: makes a run folder of a configuration, starts its trainer and tells what it does. */
export function registerTrain(program: Command): void {
  program
    .command("train")
    .description("train a run and tell how it goes")
    .argument("[config]", "configuration (default: glad.json)")
    .option("--set <key=value>", "change one setting, e.g. lora.rank=4; repeatable", collect)
    .option(
      "--init-adapter <folder>",
      "start from this PEFT adapter: its values, rank, alpha, scaling and places",
    )
    .option("--json", "print the run's events as JSON lines, and nothing else")
    .option("--detach", "start the training in the background and return; --json prints the run")
    .addHelpText("after", help)
    .action(train);
}

const help = `
Ctrl-C asks the training to stop after the present step, with everything saved;
a second Ctrl-C ends it at once. It goes on when the terminal is closed.`;

async function train(file: string | undefined, options: TrainOptions): Promise<void> {
  const sets = [...(options.set ?? [])];
  if (options.initAdapter !== undefined)
    sets.push(`lora.init=${JSON.stringify(options.initAdapter)}`);
  const { config, given } = loadWritten(file ?? null, sets);
  // Loaded here, so that `glad --help` is quick.
  const { createRun } = await import("../train/createRun");
  const { chooseDevice } = await import("../runtime/devices");
  // Before there is a folder. What "auto" finds cannot be a mistake, and the trainer looks for it.
  if (config.device !== "auto") await chooseDevice(config.device, config.training.precision);
  const run = await createRun(config, { given, onProgress: imageProgress() });
  const reporter = options.json ? jsonReporter() : lineReporter(planOf(run.config));
  reporter.say(createdLines(run));
  const trainer = startTrainer(run.paths);
  await once(trainer.child, "spawn");
  if (options.detach) {
    trainer.child.unref();
    reporter.say(labelled("started", "in the background; `glad runs` tells how far it is"));
    if (options.json) process.stdout.write(`${JSON.stringify({ run: run.paths.folder })}\n`);
    return;
  }
  process.exitCode = await followRun(run.paths, trainer, reporter, 0);
}

/** Shows on a terminal how many images were opened, where all are (data.skipUnreadable). */
function imageProgress(): (done: number, total: number) => void {
  const screen = openScreen(process.stderr);
  return (done, total) => {
    if (done === total) screen.close();
    else screen.progress(`opening image ${count(done)} of ${count(total)}`);
  };
}

function createdLines({ paths, config, notes }: CreatedRun): string[] {
  return [
    ...labelled("run", shownPath(paths.folder)),
    ...labelled("model", config.model),
    ...notes.flatMap((note) => labelled("note", note)),
  ];
}

/** Gathers the values of an option that may be given several times. */
export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}
