import { Option, type Command } from "commander";
import type { CheckEvent, CheckProgress, DataSetReport } from "../protocol/dataReport";
import { absentReport, dataReport } from "./dataReport";
import { registerAddresses } from "./dataAddresses";
import { registerDataLinks } from "./dataLinks";
import { registerDataViews } from "./dataViews";
import { visible } from "../util/text";
import { interrupted } from "./screen";

interface CheckCommand {
  quick?: boolean;
  offline?: boolean;
  dataset?: string;
  json?: boolean;
  progress: "auto" | "json";
}

/** So long an address may take to answer, in milliseconds: who checks images has not asked for a longer wait. */
const patience = 5000;

/** Adds `glad data` with all that is below it. */
export function registerData(program: Command): void {
  const data = program.command("data").description("look after data sets");
  data
    .command("check")
    .description(
      "read every list and every image, and say what is wrong with them and where to get what is missing",
    )
    .argument(
      "[root]",
      "folder of a data set, of several, or of images by class (default: what is linked)",
    )
    .option("--dataset <name>", "the data set that the folder is, whatever it is called, or folder")
    .option("--quick", "do not open the images")
    .option(
      "--offline",
      "do not ask whether the addresses of what is missing are still there (also by HF_HUB_OFFLINE=1)",
    )
    .option("--json", "print the findings as one JSON object")
    .addOption(
      new Option(
        "--progress <form>",
        'progress on standard error: a line on a terminal ("auto"), or JSON lines of progress and reports',
      )
        .choices(["auto", "json"])
        .default("auto"),
    )
    .action(check);
  registerAddresses(data);
  registerDataLinks(data);
  registerDataViews(data);
}

/** Ends with exit code 1 where something would stop a run, and with 130 where Ctrl-C ended it. */
async function check(root: string | undefined, options: CheckCommand): Promise<void> {
  const { quick = false, json = false } = options;
  // Loaded here, so that other commands start without sharp.
  const { checkData } = await import("../data/checkData");
  const { openAddressBook } = await import("../data/addresses");
  const { hubSettings } = await import("../models/hub");
  const offline = options.offline ?? hubSettings(process.env).offline;
  const cancel = new AbortController();
  const stop = () => cancel.abort();
  // A second Ctrl-C ends the process at once.
  process.once("SIGINT", stop);
  try {
    const report = await checkData(root ?? null, {
      openImages: !quick,
      ...(options.dataset !== undefined && { dataset: options.dataset }),
      signal: cancel.signal,
      ...(!offline && { addresses: openAddressBook(patience, cancel.signal) }),
      onProgress: options.progress === "json" ? jsonLine : terminalLine,
      // Each data set is reported at once: the next one may take long.
      onReport: (each) => {
        if (options.progress === "json") reportLine(each);
        if (!json) process.stdout.write(`${dataReport(each)}\n`);
      },
    });
    if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(absentReport(report));
    const failed = report.sets.some(({ findings }) =>
      findings.some(({ state }) => state === "failed"),
    );
    if (failed) process.exitCode = 1;
  } catch (error) {
    if (!cancel.signal.aborted) throw error;
    clearTerminalLine();
    process.stderr.write("Stopped before the end of the check.\n");
    process.exitCode = interrupted;
    endDespiteLookups();
  } finally {
    process.off("SIGINT", stop);
  }
}

/**
 * Ends the program by a signal, which a shell tells of as exit code 130, where a name server's answer is still waited for: that holds a
 * thread, for seconds where there is no network, and any other end waits for it. Windows knows no such end.
 */
function endDespiteLookups(): void {
  const waits = process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap");
  if (waits && process.platform !== "win32") process.kill(process.pid, "SIGINT");
}

/** On a terminal, one line that is written over; prints nothing elsewhere. */
function terminalLine({ title, done, total }: CheckProgress): void {
  if (done === total) clearTerminalLine();
  else if (process.stderr.isTTY && done % 50 === 0) {
    process.stderr.write(`\r\x1b[K${visible(title)}: image ${done} of ${total}`);
  }
}

function clearTerminalLine(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

function jsonLine(progress: CheckProgress): void {
  const { done, total } = progress;
  if (done % 50 === 0 || done === total) eventLine({ type: "progress", ...progress });
}

function reportLine(report: DataSetReport): void {
  eventLine({ type: "report", report });
}

function eventLine(event: CheckEvent): void {
  process.stderr.write(`${JSON.stringify(event)}\n`);
}
