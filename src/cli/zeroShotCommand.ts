import type { Command } from "commander";
import { loadConfig } from "../protocol/loadConfig";
import { labelled } from "./format";
import { resultTable } from "./renderResult";
import { collect } from "./trainCommand";
import { withProgress } from "./withProgress";

/** Adds `glad zero-shot`. */
export function registerZeroShot(program: Command): void {
  program
    .command("zero-shot")
    .description("measure CLIP without adapters on the images of a configuration")
    .argument("[config]", "configuration (default: glad.json)")
    .option("--set <key=value>", "change one setting, e.g. protocol=all; repeatable", collect)
    .option("--json", "print the results as one JSON object")
    .action(zeroShot);
}

async function zeroShot(
  file: string | undefined,
  { set, json }: { set?: string[]; json?: boolean },
): Promise<void> {
  const config = loadConfig(file ?? null, set);
  const { measureZeroShot } = await import("../train/measure");
  const measured = await withProgress((onResult) => measureZeroShot(config, onResult));
  if (json) {
    process.stdout.write(JSON.stringify(measured, null, 2) + "\n");
    return;
  }
  const { results, notes } = measured;
  const lines = [
    ...labelled("model", config.model),
    ...labelled("device", measured.device),
    ...labelled("", measured.deviceReason),
    ...notes.flatMap((note) => labelled("note", note)),
    "",
    ...resultTable({
      zeroShot: results,
      adapted: [],
      harmonicMean: { zeroShot: measured.harmonicMean, adapted: null },
    }),
  ];
  process.stdout.write(lines.join("\n") + "\n");
}
