import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { readRecords } from "../../experiments/record";
import { type HostRun, isLive } from "../runs/hostRun";
import { plainName } from "../runs/runNames";
import type { Services } from "../services";
import { discardCheckpoints } from "./checkpoints";
import { chooseRun, givenNodes, requireTrust } from "./targets";
import { discard } from "./trash";

const any = (): boolean => true;

/** Opens the log of a run's trainer. */
export async function openLog(services: Services, given: unknown): Promise<void> {
  const run = await chooseRun(services, given, any, vscode.l10n.t("The log of which run?"));
  if (run) await vscode.window.showTextDocument(vscode.Uri.file(run.paths.log));
}

/** Shows a run's folder in the explorer, or beside the window where the explorer does not have it. */
export async function revealRun(services: Services, given: unknown): Promise<void> {
  const run = await chooseRun(services, given, any, vscode.l10n.t("Reveal which run?"));
  if (!run) return;
  const uri = vscode.Uri.file(run.id);
  const inside = vscode.workspace.getWorkspaceFolder(uri);
  await vscode.commands.executeCommand(inside ? "revealInExplorer" : "revealFileInOS", uri);
}

/** Gives a run another name; the time in front of it stays. Star and open results go along. */
export async function renameRun(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const run = await chooseRun(services, given, (each) => !isLive(each), t("Rename which run?"));
  if (!run || !(await mayGo(services, run, t("Rename")))) return;
  const name = await services.prompts.input({
    title: t("Rename {0}", run.name),
    value: plainName(run),
    validateInput: (text) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
        ? undefined
        : t("Letters, digits, dots, dashes and underscores"),
  });
  if (name === undefined || name === plainName(run)) return;
  const time = /^\d{8}-\d{6}-/.exec(run.name)?.[0] ?? "";
  const to = join(dirname(run.id), time + name);
  if (existsSync(to)) throw new UserError(t("There is a run {0} already", basename(to)));
  const [from, starred] = [run.id, services.tree.isStarred(run)];
  await vscode.workspace.fs.rename(vscode.Uri.file(from), vscode.Uri.file(to), {
    overwrite: false,
  });
  if (starred) {
    await services.tree.star({ id: from }, false);
    await services.tree.star({ id: to }, true);
  }
  await services.store.refresh();
  await services.panels.rename(from, to);
}

/** Moves runs, or what else is selected with them, to the trash. */
export async function deleteRun(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const nodes = await givenNodes(services, given, selected);
  const checkpoints = nodes.filter(({ checkpoint }) => checkpoint !== null);
  if (nodes.length > 0 && checkpoints.length === nodes.length)
    return discardCheckpoints(services, checkpoints);
  const chosen = nodes.filter(({ checkpoint }) => checkpoint === null).map(({ run }) => run);
  const one = async (): Promise<HostRun[]> => {
    const run = await chooseRun(services, given, (each) => !isLive(each), t("Delete which run?"));
    return run ? [run] : [];
  };
  const runs = chosen.length > 0 ? chosen : await one();
  for (const run of runs) if (!(await mayGo(services, run, t("Delete")))) return;
  if (runs.length === 0) return;
  const what = runs.length === 1 ? plainName(runs[0]!) : t("{0} runs", runs.length);
  await discard(
    services,
    runs.map(({ id }) => id),
    what,
  );
}

/** Whether a run's folder may go: nobody trains it, and the user knows if an experiment counts on it. */
async function mayGo({ prompts, store }: Services, run: HostRun, action: string): Promise<boolean> {
  const { t } = vscode.l10n;
  // Another window may just have given it a trainer, or deleted it.
  await store.look(run.id);
  if (store.get(run.id) !== run) throw new UserError(t("{0}: the run is no longer there", run.id));
  if (isLive(run)) throw new UserError(t("{0} is being trained; stop it first", run.name));
  const records = readRecords(dirname(run.id));
  const record = records.find(({ cells }) => cells.some((cell) => cell.run === run.name));
  if (!record) return true;
  const question = t(
    "{0} is a run of the experiment {1}, which would carry it out anew.",
    plainName(run),
    record.name,
  );
  return (await prompts.confirm(question, action)) === action;
}
