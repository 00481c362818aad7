import { resolve } from "node:path";
import { type Command } from "commander";
import { demoReporter } from "./demoReport";
import { wholeNumber } from "./arguments";

interface DemoCommandOptions {
  output: string;
  seeds: number;
  steps: number;
  tests: number;
}

/** Adds `glad demo` and `glad demo pretrain`. */
export function registerDemo(program: Command): void {
  const demo = program
    .command("demo")
    .description("adapt a tiny CLIP to a drawn world by plain LoRA, SAM and GLAD, and compare them")
    .option("--output <folder>", "where the run folders and the pictures go", ".glad")
    .option("--seeds <number>", "runs of each method", wholeNumber(1), 3)
    .option("--steps <number>", "optimisation steps of each run", wholeNumber(1), 120)
    .option("--tests <number>", "test pictures of each class", wholeNumber(1), 40)
    .action(runDemoCommand);
  demo
    .command("prepare")
    .description("draw the demo's pictures and write a configuration of one GLAD run on them")
    .argument("<folder>", "where pictures and configuration go")
    .option("--output <folder>", "where the run will go", ".glad")
    .action(async (folder: string, _options: unknown, command: Command) => {
      // The option has the name of one of `glad demo`, which takes it where it is given.
      const { output } = command.optsWithGlobals<{ output: string }>();
      const { prepareDemo } = await import("../demo/prepareDemo");
      const config = await prepareDemo(resolve(folder), resolve(output));
      process.stdout.write(`${JSON.stringify({ config })}\n`);
    });
  demo
    .command("pretrain")
    .description("pre-train the demo's CLIP anew, from random weights")
    .option("--model <folder>", "where the model goes (default: media/demo)")
    .action(async ({ model }: { model?: string }) => {
      // Loaded here, as below, so that other commands start without the engine.
      const { demoModelFolder, demoPretraining, writeDemoModel } =
        await import("../demo/demoModel");
      await writeDemoModel(resolve(model ?? demoModelFolder()), demoPretraining, 100, (line) => {
        process.stdout.write(`${line}\n`);
      });
    });
}

async function runDemoCommand(options: DemoCommandOptions): Promise<void> {
  const { runDemo } = await import("../demo/runDemo");
  const { DemoStopped } = await import("../demo/trainRuns");
  const reporter = demoReporter(options);
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    reporter.say("Stopping the runs ...");
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const output = resolve(options.output);
    const result = await runDemo({ ...options, output }, { ...reporter, stopAsked: () => stopped });
    reporter.finished(result);
  } catch (error) {
    if (!(error instanceof DemoStopped)) throw error;
    process.exitCode = 130;
  } finally {
    reporter.close();
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}
