import { Option, type Command } from "commander";
import { csvCell } from "../protocol/csv";
import { readFrozen } from "../protocol/frozen";
import type { Predicted } from "../train/predict";
import { UserError } from "../util/errors";
import { plural } from "../util/text";
import { findRunOrCheckpoint, runArgument } from "./findRun";
import { labelled, shownPath, table } from "./format";
import { openScreen } from "./screen";

type Format = "text" | "csv" | "json";

interface PredictCommand {
  classes?: string;
  device?: string;
  format: Format;
}

/** Adds `glad predict`. */
export function registerPredict(program: Command): void {
  program
    .command("predict")
    .description("classify images by a run's newest checkpoint, or any other")
    .argument("<run>", `${runArgument}, or the folder of one of its checkpoints`)
    .argument("<images...>", "image files, and folders of images")
    .option("--classes <names>", "choose between these, split by commas (default: the run's)")
    .option("--device <name>", "auto, cpu, webgpu, cuda, cuda:N or dml (default: the run's)")
    .addOption(
      new Option("--format <format>", "how they are printed")
        .choices(["text", "csv", "json"])
        .default("text"),
    )
    .action(predict);
}

/** Ends with exit code 1 where an image cannot be decoded; the others are classified all the same. */
async function predict(
  written: string,
  places: string[],
  { classes, device, format }: PredictCommand,
): Promise<void> {
  const { paths, checkpoint } = findRunOrCheckpoint(written);
  const frozen = readFrozen(paths);
  const config = { ...frozen, device: device ?? frozen.device };
  const { imagesAt, predict: classify } = await import("../train/predict");
  const screen = openScreen(process.stderr);
  const predicted = await classify(paths, config, checkpoint, imagesAt(places), {
    ...(classes !== undefined && { classes: namesIn(classes) }),
    onProgress: (done, total) => screen.progress(`opened ${done} of ${plural(total, "image")}`),
  }).finally(() => screen.close());
  process.stdout.write(renderPredicted(predicted, format));
  if (predicted.unreadable.length === 0) return;
  for (const { problem } of predicted.unreadable) process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

/** The names in a list with commas; at least two, because between one there is no choice. */
function namesIn(list: string): string[] {
  const names = list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`--classes: names "${twice}" twice; take one out`);
  if (names.length < 2)
    throw new UserError(
      `--classes is "${list}", expected at least two names between commas, e.g. "cat,dog"`,
    );
  return names;
}

/** What was found, for the terminal, a spreadsheet or a program. */
export function renderPredicted(predicted: Predicted, format: Format): string {
  const { checkpoint, device, deviceReason, images } = predicted;
  if (format === "json") return `${JSON.stringify(predicted, null, 2)}\n`;
  if (format === "csv") {
    const places = Array.from({ length: Math.min(3, predicted.classes.length) }, (_, i) => i + 1);
    const head = ["image", ...places.flatMap((n) => [`class ${n}`, `probability ${n}`])];
    const rows = images.map(({ path, top }) => [
      path,
      ...top.flatMap(({ name, probability }) => [name, probability.toFixed(6)]),
    ]);
    return [head, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
  }
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
