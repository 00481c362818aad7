import type { Command } from "commander";
import { checkData, type DataFinding, type DataSetReport } from "../data/checkData";
import { wrap } from "../util/text";

/** Adds `glad data check ROOT [--json]`; it ends with exit code 1 where something would stop a run. */
export function registerData(program: Command): void {
  program
    .command("data")
    .description("look after data sets")
    .command("check")
    .description("read every list and every image, and say what is wrong with them")
    .argument("<root>", "folder of a data set, of several, or of images by class")
    .option("--json", "print the findings as JSON")
    .action(async (root: string, { json }: { json?: boolean }) => {
      const reports = await checkData(root, progressLine());
      process.stdout.write(
        json ? JSON.stringify(reports, null, 2) + "\n" : reports.map(dataReport).join("\n"),
      );
      const failed = reports.some(({ findings }) =>
        findings.some(({ state }) => state === "failed"),
      );
      if (failed) process.exitCode = 1;
    });
}

const marks: Record<DataFinding["state"], string> = { ok: "ok", note: "--", failed: "FAIL" };

/** What was found of one data set, in lines of 80 columns (a longer word, a path say, is not broken). */
export function dataReport({ title, dataset, folder, counts, findings }: DataSetReport): string {
  const number = (count: number) => count.toLocaleString("en-US");
  const lines = [`${title} (--dataset ${dataset}) in ${folder}`];
  if (counts) {
    const { classes, train, val, test } = counts;
    lines.push(
      `${number(classes)} classes; ${number(train)} images to train, ${number(val)} to validate, ${number(test)} to test`,
    );
  }
  for (const { state, text } of findings) lines.push(...wrap(`  ${marks[state].padEnd(6)}`, text));
  const failures = findings.filter(({ state }) => state === "failed").length;
  lines.push(failures === 0 ? "Ready to train on." : "To be mended before training.");
  return lines.join("\n") + "\n";
}

/** Shows on a terminal how far the reading is; prints nothing elsewhere. */
function progressLine(): (done: number, total: number) => void {
  return (done, total) => {
    if (!process.stderr.isTTY || (done % 100 !== 0 && done !== total)) return;
    process.stderr.write(done === total ? "\r\x1b[K" : `\rimage ${done} of ${total} `);
  };
}
