import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { settingDefaults, type SettingId } from "../ids";
import { setting } from "../program";
import type { HostRun } from "../runs/hostRun";
import { configProblems } from "../config/problems";
import type { Services } from "../services";
import { anyFolder, folderOf, waiting } from "./targets";

/** One check of `glad doctor --lines`. */
interface Finding {
  name: string;
  state: "ok" | "note" | "failed";
  text: string;
  mend: string | null;
}

/** A button beside a check. */
interface Fix extends vscode.QuickInputButton {
  command: string;
  arguments: unknown[];
}

type CheckItem = vscode.QuickPickItem & { finding: Finding | null };

/** Milliseconds that a training which the user asked for waits for its checks. */
const patience = 4500;

/** Checks the machine, and where there is a configuration its model and data; shows what was found. */
export async function doctor(services: Services): Promise<void> {
  const [file] = services.configs.files;
  const findings = await waiting(vscode.l10n.t("GLAD: checking this machine"), (signal) =>
    check(services, file ?? null, signal),
  );
  void showFindings(findings, null);
}

/**
 * Whether a run of a configuration can be started: no check failed, or the user starts it all the same. Takes less than five
 * seconds; checks that were not done by then do not count.
 */
export async function isFit(services: Services, file: string): Promise<boolean> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((settle) => {
    timer = setTimeout(() => {
      abort.abort();
      services.output.warn(
        `The checks took more than ${patience} ms; training starts without them`,
      );
      // What was found so far comes at once, unless even Node.js does not start.
      timer = setTimeout(() => settle([]), 250);
    }, patience);
  });
  const checked = check(services, file, abort.signal);
  const findings = await Promise.race([checked, late]).finally(() => clearTimeout(timer));
  return findings.every(({ state }) => state !== "failed") || showFindings(findings, file);
}

async function check(
  { program, ...services }: Services,
  file: string | null,
  signal: AbortSignal,
): Promise<Finding[]> {
  const cwd = file === null ? anyFolder({ program, ...services }) : folderOf(file);
  const args = ["doctor", ...(file === null ? [] : [file]), "--lines"];
  const { stdout, stderr } = await program.run(args, { cwd, signal });
  const findings = stdout.split("\n").flatMap((line) => parse(line) ?? []);
  if (findings.length > 0 || signal.aborted) return findings;
  const text = stderr.trim() || vscode.l10n.t("The checks ended without a word.");
  return [{ name: "program", state: "failed", text, mend: null }];
}

/** The finding of a line; null of the last line of a command that was ended. */
function parse(line: string): Finding | null {
  try {
    return JSON.parse(line) as Finding;
  } catch {
    return null;
  }
}

/** Shows the checks with a button for what can be mended. Resolves to true when the user goes on in spite of them. */
function showFindings(findings: readonly Finding[], file: string | null): Promise<boolean> {
  if (findings.length === 0) return Promise.resolve(true);
  const { t } = vscode.l10n;
  const failed = findings.filter(({ state }) => state === "failed").length;
  const pick = vscode.window.createQuickPick<CheckItem>();
  pick.title =
    failed === 0
      ? t("GLAD: everything that is needed works")
      : t("GLAD: {0} of {1} checks failed", failed, findings.length);
  const icons = { ok: "$(pass)", note: "$(info)", failed: "$(error)" };
  const order = { failed: 0, note: 1, ok: 2 };
  const items = [...findings]
    .sort((a, b) => order[a.state] - order[b.state])
    .map((finding): CheckItem => {
      const { name, state, text, mend } = finding;
      const detail = mend === null ? text : `${text} → ${mend}`;
      return { label: `${icons[state]} ${name}`, detail, finding, buttons: fixes(finding, file) };
    });
  const goOn: CheckItem = { label: `$(play) ${t("Train all the same")}`, finding: null };
  pick.items = file !== null && failed > 0 ? [...items, goOn] : items;
  pick.matchOnDetail = true;
  return new Promise((settle) => {
    pick.onDidTriggerItemButton(({ button }) => {
      const { command, arguments: args } = button as Fix;
      pick.hide();
      void vscode.commands.executeCommand(command, ...args);
    });
    pick.onDidAccept(() => {
      settle(pick.selectedItems[0]?.finding === null);
      pick.hide();
    });
    pick.onDidHide(() => {
      settle(false);
      pick.dispose();
    });
    pick.show();
  });
}

/** What of the editor mends a failed check. */
function fixes({ name, state }: Finding, file: string | null): Fix[] {
  if (state === "ok") return [];
  const { t } = vscode.l10n;
  const fix = (icon: string, tooltip: string, command: string, ...args: unknown[]): Fix => ({
    iconPath: new vscode.ThemeIcon(icon),
    tooltip,
    command,
    arguments: args,
  });
  const settings = (id: string): Fix =>
    fix("settings-gear", t("Open the setting {0}", id), "workbench.action.openSettings", id);
  const open = file === null ? [] : [vscode.Uri.file(file)];
  const config = open.map((uri) => fix("json", t("Open the configuration"), "vscode.open", uri));
  if (name === "model")
    return [fix("cloud-download", t("Pull a model"), "glad.pullModel"), ...config];
  if (["data", "config", "needed memory"].includes(name)) return config;
  if (/cuda/i.test(name)) return [settings("glad.cudaPath")];
  if (/node|program/i.test(name)) return [settings("glad.nodePath")];
  return state === "failed" ? [settings("glad.device")] : [];
}

/** Puts everything that a report of a fault should hold on the clipboard. */
export async function copyDiagnostics(services: Services): Promise<void> {
  const { context, program, store, configs } = services;
  const findings = await waiting(vscode.l10n.t("GLAD: gathering diagnostics"), (signal) =>
    check(services, configs.files[0] ?? null, signal),
  );
  const manifest = context.extension.packageJSON as { version: string };
  const node = await program.node().catch((error: unknown) => String(error));
  const problems = await Promise.all(configs.files.slice(0, 5).map(describeConfig));
  const facts = {
    extension: manifest.version,
    editor: `${vscode.env.appName} ${vscode.version}`,
    remote: vscode.env.remoteName ?? null,
    platform: `${process.platform} ${process.arch}`,
    node: typeof node === "string" ? node : { version: node.version, source: node.source },
    runs: store.runs
      .slice(0, 10)
      .map(({ name, state, status }) => ({ name, state, reason: status?.reason })),
    settings: Object.fromEntries(
      Object.keys(settingDefaults).map((id) => [id, setting(id as SettingId)]),
    ),
    configurations: problems,
    checks: findings,
    lastWords: await lastWords(store.runs.find(({ state }) => state === "failed")),
  };
  await vscode.env.clipboard.writeText(JSON.stringify(facts, null, 2));
  void vscode.window.showInformationMessage(vscode.l10n.t("The diagnostics are on the clipboard."));
}

/** The end of what the trainer of a run said; null without a run. */
async function lastWords(run: HostRun | undefined): Promise<string[] | null> {
  if (!run) return null;
  const log = await readFile(run.paths.log, "utf8").catch(() => "");
  return log.trimEnd().split("\n").slice(-30);
}

async function describeConfig(file: string): Promise<{ file: string; problems: string[] }> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
  const problems = configProblems(Buffer.from(bytes).toString(), file).map(
    ({ message }) => message,
  );
  return { file: vscode.workspace.asRelativePath(file), problems };
}
