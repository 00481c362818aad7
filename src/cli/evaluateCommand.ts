import type { Command } from "commander";
import { readFrozen } from "../protocol/frozen";
import { readEvents } from "../protocol/readEvents";
import { evaluationsOf, harmonicMean } from "../train/result";
import { findRunOrCheckpoint, runArgument } from "./findRun";
import { labelled, shownPath } from "./format";
import { resultTable } from "./renderResult";
import { withProgress } from "./withProgress";

/** Adds `glad evaluate`. */
export function registerEvaluate(program: Command): void {
  program
    .command("evaluate")
    .description("measure a run's newest checkpoint, or any other, on the run's splits")
    .argument("<run|checkpoint>", `${runArgument}, or the folder of one of its checkpoints`)
    .option("--device <name>", "auto, cpu, webgpu, cuda, cuda:N or dml (default: the run's)")
    .option("--json", "print the results as one JSON object")
    .action(evaluate);
}

async function evaluate(
  written: string,
  { device, json }: { device?: string; json?: boolean },
): Promise<void> {
  const { paths, checkpoint } = findRunOrCheckpoint(written);
  const frozen = readFrozen(paths);
  const config = { ...frozen, device: device ?? frozen.device };
  const { measureRun } = await import("../train/measure");
  const measured = await withProgress((onResult) =>
    measureRun(paths, config, checkpoint, onResult),
  );
  if (json) {
    process.stdout.write(JSON.stringify(measured, null, 2) + "\n");
    return;
  }
  const zeroShot = evaluationsOf(readEvents(paths.events), { zeroShot: true });
  const table = resultTable({
    zeroShot,
    adapted: measured.results,
    harmonicMean: { zeroShot: harmonicMean(zeroShot), adapted: measured.harmonicMean },
  });
  const lines = [
    ...labelled("checkpoint", shownPath(measured.checkpoint)),
    ...labelled("device", measured.device),
    ...labelled("", measured.deviceReason),
    "",
    ...table,
  ];
  process.stdout.write(lines.join("\n") + "\n");
}
