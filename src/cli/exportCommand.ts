import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { readFrozen } from "../protocol/frozen";
import type { Exported } from "../train/exportModel";
import { plural } from "../util/text";
import { classNamesIn, quotingHelp, wholeNumber } from "./arguments";
import { findRunOrCheckpoint, runArgument } from "./findRun";
import { labelled, shownPath } from "./format";
import { interrupted, openScreen } from "./screen";

interface ExportCommand {
  classes?: string;
  batch: number;
  json?: boolean;
}

/** The classifier is tried with as many images; of a ViT-L/14 the widest tensors then take 1.1 GB each (256 x 257 x 4,096 floats). */
const mostImages = 256;

/** Adds `glad export`. */
export function registerExport(program: Command): void {
  program
    .command("export")
    .description(
      "write a run's newest checkpoint, or any other, as a model of its own: CLIP with the adapter merged, and a classifier in ONNX",
    )
    .argument("<run>", `${runArgument}, or the folder of one of its checkpoints`)
    .argument("<folder>", "where to write it; new or empty")
    .option(
      "--classes <names>",
      `what the classifier knows, split by commas, ${quotingHelp} (default: the run's)`,
    )
    .option(
      "--batch <number>",
      "images that the classifier takes at once",
      wholeNumber(1, mostImages),
      1,
    )
    .option("--json", "print what was written as one JSON object")
    .action(exportRun);
}

async function exportRun(written: string, folder: string, options: ExportCommand): Promise<void> {
  const { paths, checkpoint } = findRunOrCheckpoint(written);
  const { exportModel } = await import("../train/exportModel");
  const screen = openScreen(process.stderr);
  let partial: string | null = null;
  let isDone = false;
  // At once: opening and computing leave no other place to stop at, and whoever waits for it may soon end it by force.
  const stop = (): void => {
    if (isDone) return;
    const isGone = partial === null || removed(partial);
    screen.close();
    process.stderr.write(
      isGone
        ? "Stopped; nothing was written.\n"
        : `Stopped; ${shownPath(partial!)} is half-written and could not be removed; delete it.\n`,
    );
    process.exit(interrupted);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    const exported = await exportModel(paths, readFrozen(paths), checkpoint, resolve(folder), {
      batch: options.batch,
      ...(options.classes !== undefined && { classes: classNamesIn(options.classes) }),
      onProgress: (doing) => screen.progress(`${doing} ...`),
      onPlace(place) {
        isDone = place === null;
        partial = place;
      },
    });
    screen.close();
    process.stdout.write(
      options.json ? `${JSON.stringify(exported, null, 2)}\n` : exportReport(exported),
    );
  } finally {
    screen.close();
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

/** Whether a folder could be removed: a disk may be gone, or keep the files that this process has open. */
function removed(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
    return true;
  } catch {
    return false;
  }
}

function exportReport({ folder, checkpoint, classes, bytes, difference }: Exported): string {
  return [
    ...labelled("checkpoint", shownPath(checkpoint)),
    ...labelled("written", `${shownPath(folder)}, ${(bytes / 2 ** 20).toFixed(1)} MiB`),
    ...labelled(
      "classifier",
      `${shownPath(join(folder, "classifier.onnx"))}, ${plural(classes.length, "class")}`,
    ),
    ...labelled(
      "checked",
      `its probabilities are the adapted CLIP's within ${difference.toExponential(0)}`,
    ),
    ...labelled("use", `README.md there shows how; "model" in glad.json takes the folder, too`),
    "",
  ].join("\n");
}
