import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { AddressState, CheckState, DataSource } from "../../../protocol/dataPage";
import type {
  AbsentDataSet,
  AddressReport,
  CheckEvent,
  DataReport,
  DataSetReport,
} from "../../../protocol/dataReport";
import { messageOf } from "../../../util/errors";
import type { DataStore } from "../dataStore";
import { isInside } from "../lookAround";
import type { DataPage, PageHost } from "./openDataPanels";

type CheckSource = Extract<DataSource, { page: "check" }>;
type ShownReport = Omit<DataSetReport, "classes">;

/** Milliseconds between two words on the progress. */
const pause = 100;

/** The check of data sets: starts it, shows its progress and its report as it grows, and ends it. */
export function openCheckPage(
  host: PageHost,
  source: CheckSource,
  store: DataStore,
  start: boolean,
): DataPage {
  let state: CheckState = "none";
  let message: string | null = null;
  let time: number | null = null;
  let reports: ShownReport[] = [];
  let absent: AbsentDataSet[] = [];
  let addresses: AddressState = { trying: false, problem: null };
  let abort: AbortController | null = null;
  let toldAt = 0;
  const closed = new AbortController();

  const tell = (): void => {
    // What goes on when the page is closed has nobody to be told.
    if (closed.signal.aborted) return;
    host.post({
      type: "check",
      source,
      root: source.root,
      state,
      message,
      reports,
      absent,
      addresses,
      time: time === null ? null : dateText(time),
      mayRun: vscode.workspace.isTrusted,
    });
  };

  const hearEvent = (line: string): string | null => {
    const event = parseEvent(line);
    if (event === null) return line;
    if (event.type === "report") {
      reports = [...reports, event.report];
      void store.remember(event.report).catch(() => undefined);
      tell();
    } else if (Date.now() - toldAt >= pause || event.done === event.total) {
      toldAt = Date.now();
      host.post({ type: "progress", progress: event });
    }
    return null;
  };

  const run = async (): Promise<void> => {
    if (abort || !vscode.workspace.isTrusted) return;
    abort = new AbortController();
    [state, message, time, reports, absent] = ["running", null, null, [], []];
    addresses = { trying: false, problem: null };
    tell();
    try {
      const { report, problem } = await check(host, source, abort.signal, hearEvent);
      absent = report?.absent ?? [];
      addresses = { trying: false, problem: report?.addresses.problem ?? null };
      state = abort.signal.aborted ? "cancelled" : report ? "done" : "failed";
      message = state === "failed" ? problem : null;
    } catch (error) {
      [state, message] = ["failed", messageOf(error)];
    }
    abort = null;
    time = Date.now();
    tell();
  };

  const tryAddresses = async (): Promise<void> => {
    if (abort || addresses.trying || !vscode.workspace.isTrusted) return;
    const missing = [...reports, ...absent].filter(({ downloads }) => downloads.length > 0);
    const names = [...new Set(missing.map(({ dataset }) => dataset))];
    addresses = { ...addresses, trying: true, problem: null };
    tell();
    const checked = reports;
    let told: AddressReport | null = null;
    let problem: string | null = null;
    try {
      told = await askAddresses(host, names, closed.signal);
    } catch (error) {
      problem = messageOf(error);
    }
    // A check that began meanwhile starts from what is recorded.
    if (reports !== checked) return;
    if (told) {
      const found = new Map(told.sets.map(({ dataset, downloads }) => [dataset, downloads]));
      const renew = <T extends AbsentDataSet | ShownReport>(each: T): T =>
        each.downloads.length === 0
          ? each
          : { ...each, downloads: found.get(each.dataset) ?? each.downloads };
      [reports, absent] = [reports.map(renew), absent.map(renew)];
    }
    addresses = { trying: false, problem };
    tell();
  };

  return {
    title: vscode.l10n.t("Check of {0}", source.root === null ? "…" : basename(source.root)),
    async show() {
      const remembered = start || state !== "none" ? null : await recall(source, store);
      if (remembered && state === "none")
        [reports, time, state] = [[remembered.report], remembered.time, "done"];
      tell();
      if (start) void run();
      // A page that comes back, say after it was hidden, does not start the check again.
      start = false;
    },
    async hear(message) {
      if (message.type === "check") return run();
      if (message.type === "cancel") return abort?.abort();
      if (message.type === "tryAddresses") return tryAddresses();
      if (message.type === "reveal") return reveal(reports[message.report]);
      if (message.type === "openFound") return open(reports[message.report], message.path);
    },
    // A check goes on while its page is hidden.
    rest: () => undefined,
    close() {
      closed.abort();
      abort?.abort();
    },
  };
}

async function recall({ root, dataset }: CheckSource, store: DataStore) {
  return root === null || dataset === null ? null : store.recall({ folder: root, dataset });
}

/** Runs `glad data check`; its report is null where it came to none. */
async function check(
  { program, cwd }: PageHost,
  { root, dataset }: CheckSource,
  signal: AbortSignal,
  hear: (line: string) => string | null,
): Promise<{ report: DataReport | null; problem: string }> {
  let stdout = "";
  const said: string[] = [];
  const args = ["data", "check", ...(root === null ? [] : [root]), "--json", "--progress", "json"];
  if (dataset !== null) args.push("--dataset", dataset);
  const { close, ended } = await program.open(args, {
    cwd,
    signal,
    onLine: (line) => (stdout += line),
    onErrorLine(line) {
      const left = hear(line);
      if (left !== null) said.push(left);
    },
  });
  close();
  const { code, stderr } = await ended;
  const problem =
    said.join("\n").trim() || stderr.trim() || `glad data check ended with exit code ${code}`;
  return { report: stdout === "" ? null : (JSON.parse(stdout) as DataReport), problem };
}

/** Runs `glad data addresses --try` for some data sets. */
async function askAddresses(
  { program, cwd }: PageHost,
  names: readonly string[],
  signal: AbortSignal,
): Promise<AddressReport> {
  const args = ["data", "addresses", ...names, "--try", "--json"];
  const { stdout } = await program.must(args, { cwd, signal });
  return JSON.parse(stdout) as AddressReport;
}

function dateText(time: number): string {
  return new Date(time).toLocaleString(vscode.env.language);
}

function parseEvent(line: string): CheckEvent | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as CheckEvent;
  } catch {
    return null;
  }
}

async function reveal(report: ShownReport | undefined): Promise<void> {
  if (!report) return;
  const uri = vscode.Uri.file(report.folder);
  const inside = vscode.workspace.getWorkspaceFolder(uri);
  await vscode.commands.executeCommand(inside ? "revealInExplorer" : "revealFileInOS", uri);
}

async function open(report: ShownReport | undefined, path: string): Promise<void> {
  const root = report?.imageRoot ?? null;
  if (root === null || !isInside(join(root, path), root)) return;
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(join(root, path)));
}
