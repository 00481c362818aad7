import { Option, type Command } from "commander";
import { readFileSync } from "node:fs";
import { readFrozen } from "../protocol/frozen";
import { type Predicted, predictedCsv, type PredictProgress } from "../protocol/predicted";
import { UserError } from "../util/errors";
import { plural, visible } from "../util/text";
import { findRunOrCheckpoint, runArgument } from "./findRun";
import { labelled, shownPath, table } from "./format";
import { classNamesIn, quotingHelp } from "./arguments";
import { endOnInterrupt, openScreen } from "./screen";

type Format = "text" | "csv" | "json";

interface PredictCommand {
  classes?: string;
  device?: string;
  format: Format;
  progress: "auto" | "json";
  stdin?: boolean;
}

/** Adds `glad predict`. */
export function registerPredict(program: Command): void {
  program
    .command("predict")
    .description("classify images by a run's newest checkpoint, or any other")
    .argument("<run>", `${runArgument}, or the folder of one of its checkpoints`)
    .argument("[images...]", "image files, and folders of images")
    .option("--stdin", "take images and folders from standard input as well, a line each")
    .option(
      "--classes <names>",
      `choose between these, split by commas, ${quotingHelp} (default: the run's)`,
    )
    .option("--device <name>", "auto, cpu, webgpu, cuda, cuda:N or dml (default: the run's)")
    .addOption(
      new Option("--format <format>", "how they are printed")
        .choices(["text", "csv", "json"])
        .default("text"),
    )
    .addOption(
      new Option(
        "--progress <form>",
        'progress on standard error: a line on a terminal ("auto"), or JSON lines',
      )
        .choices(["auto", "json"])
        .default("auto"),
    )
    .action(predict);
}

/** Ends with exit code 1 where an image cannot be decoded; the others are classified all the same. */
async function predict(
  written: string,
  places: string[],
  { classes, device, format, progress: form, stdin }: PredictCommand,
): Promise<void> {
  const named = [...places, ...(stdin ? linesOfInput() : [])];
  if (named.length === 0)
    throw new UserError("glad predict: names no image; give image files, or folders of images");
  const { paths, checkpoint } = findRunOrCheckpoint(written);
  const frozen = readFrozen(paths);
  const config = { ...frozen, device: device ?? frozen.device };
  const { imagesAt, predict: classify } = await import("../train/predict");
  const screen = openScreen(process.stderr);
  const forget = endOnInterrupt(screen);
  const predicted = await classify(paths, config, checkpoint, imagesAt(named), {
    ...(classes !== undefined && { classes: classNamesIn(classes) }),
    onProgress: form === "json" ? jsonLines() : (now) => screen.progress(progressText(now)),
  }).finally(() => {
    forget();
    screen.close();
  });
  process.stdout.write(renderPredicted(predicted, format));
  if (predicted.unreadable.length === 0) return;
  for (const { problem } of predicted.unreadable) process.stderr.write(`${visible(problem)}\n`);
  process.exitCode = 1;
}

/** There may be more images than a command line takes. */
function linesOfInput(): string[] {
  return readFileSync(0, "utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

/** Writes at most ten lines a second. */
function jsonLines(): (progress: PredictProgress) => void {
  let written = 0;
  return (progress) => {
    if (Date.now() - written < 100) return;
    written = Date.now();
    process.stderr.write(`${JSON.stringify(progress)}\n`);
  };
}

function progressText({ doing, done, total }: PredictProgress): string {
  return `${doing === "opening" ? "opened" : "classified"} ${done} of ${plural(total, "image")}`;
}

/** What was found, for the terminal, a spreadsheet or a program. */
export function renderPredicted(predicted: Predicted, format: Format): string {
  const { checkpoint, device, deviceReason, images } = predicted;
  if (format === "json") return `${JSON.stringify(predicted, null, 2)}\n`;
  if (format === "csv") return predictedCsv(predicted);
  const share = (probability: number): string => `${(100 * probability).toFixed(1)}%`;
  const rows = images.map(({ path, top: [first, ...others] }) => [
    shownPath(path),
    share(first!.probability),
    first!.name,
    others.map(({ name, probability }) => `${name} ${share(probability)}`).join(", "),
  ]);
  const lines = [
    ...labelled("checkpoint", shownPath(checkpoint)),
    ...labelled("device", device),
    ...labelled("", deviceReason),
    "",
    ...table(rows, [1]),
  ];
  return lines.join("\n") + "\n";
}
