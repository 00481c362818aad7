import { cp, mkdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { isLive, isResumable } from "../runs/hostRun";
import { plainName, type SortOrder, sortOrders } from "../runs/runsTree";
import type { Services } from "../services";
import { resume } from "./train";
import { chooseCheckpoint, chooseRun, givenRun, requireTrust } from "./targets";

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

/** Gives a run another name; the time in front of it stays. */
export async function renameRun(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const run = await chooseRun(services, given, (each) => !isLive(each), t("Rename which run?"));
  if (!run) return;
  if (isLive(run)) throw new UserError(t("{0} is being trained; stop it first", run.name));
  const name = await services.prompts.input({
    title: t("Rename {0}", run.name),
    value: plainName(run),
    validateInput: (text) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
        ? undefined
        : t("Letters, digits, dots, dashes and underscores"),
  });
  if (name === undefined) return;
  const time = /^\d{8}-\d{6}-/.exec(run.name)?.[0] ?? "";
  const to = vscode.Uri.file(join(dirname(run.id), time + name));
  await vscode.workspace.fs.rename(vscode.Uri.file(run.id), to, { overwrite: false });
  await services.store.refresh();
}

/** Moves a run to the trash. */
export async function deleteRun(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const run = await chooseRun(services, given, (each) => !isLive(each), t("Delete which run?"));
  if (!run) return;
  if (isLive(run)) throw new UserError(t("{0} is being trained; stop it first", run.name));
  await discard(services, [run.id], run.name);
}

/**
 * Moves folders aside, so that it can be undone while the message stands, and then to the system's trash. Where there
 * is none (a server), they stay in `.glad/trash`.
 */
async function discard(
  services: Services,
  folders: readonly string[],
  what: string,
): Promise<void> {
  const { t } = vscode.l10n;
  const moved: [from: string, to: string][] = [];
  for (const from of folders) {
    const trash = join(trashOf(from), `${Date.now()}`);
    await mkdir(trash, { recursive: true });
    const to = join(trash, basename(from));
    await rename(from, to);
    moved.push([from, to]);
  }
  await services.store.refresh();
  const undo = t("Undo");
  const answered = async (answer: string | undefined): Promise<void> => {
    for (const [from, to] of moved)
      if (answer === undo) await rename(to, from);
      else await toSystemTrash(to, services);
    await services.store.refresh();
  };
  // Nobody waits for the answer: the message may stand for long.
  void vscode.window
    .showInformationMessage(t("{0} was moved to the trash.", what), undo)
    .then(answered)
    .then(undefined, (error: unknown) => services.output.error(String(error)));
}

/** `.glad/trash` of the `.glad` folder, or whatever `output` is called, that a run or checkpoint lies in. */
function trashOf(folder: string): string {
  const parent = dirname(folder);
  const runs = basename(parent) === "checkpoints" ? dirname(dirname(parent)) : parent;
  return join(dirname(runs), "trash");
}

async function toSystemTrash(folder: string, { output }: Services): Promise<void> {
  try {
    await vscode.workspace.fs.delete(vscode.Uri.file(dirname(folder)), {
      recursive: true,
      useTrash: true,
    });
  } catch (error) {
    output.info(`There is no trash here (${String(error)}); kept in ${folder}`);
  }
}

/** Puts a run on top of those without a trainer, or takes it down. */
export function star(on: boolean) {
  return async (services: Services, given: unknown): Promise<void> => {
    const run = givenRun(services, given);
    if (run) await services.tree.star(run, on);
  };
}

/** Asks for words that the shown runs have in their names or states. */
export async function filterRuns({ prompts, tree }: Services): Promise<void> {
  const text = await prompts.input({
    title: vscode.l10n.t("Filter Runs"),
    prompt: vscode.l10n.t("Part of the name or the state; empty for all"),
    value: tree.filter,
  });
  if (text !== undefined) tree.setFilter(text);
}

/** Asks for the order of the runs. */
export async function sortRuns({ prompts, tree }: Services): Promise<void> {
  const { t } = vscode.l10n;
  const names: Record<SortOrder, string> = {
    newest: t("Newest first"),
    best: t("Best accuracy first"),
    name: t("By name"),
  };
  const items = sortOrders.map((order) => ({ label: names[order], order }));
  const picked = await prompts.pick(items, { title: t("Sort Runs") });
  if (picked) tree.setOrder(picked.order);
}

/** Goes on from an earlier checkpoint: the later ones go to the trash, and the run is resumed. */
export async function restoreCheckpoint(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const chosen = await chooseCheckpoint(services, given, t("Restore which checkpoint?"));
  if (!chosen) return;
  const { run, checkpoint } = chosen;
  if (!isResumable(run))
    throw new UserError(
      t(
        "{0} is {1}; only a run that was stopped, failed or interrupted can go back",
        run.name,
        run.state,
      ),
    );
  const later = run.checkpoints.filter(({ step }) => step > checkpoint.step);
  const goOn = t("Restore");
  const question = t(
    "Go on with {0} from step {1}? What came later is void.",
    run.name,
    checkpoint.step,
  );
  if (later.length > 0 && (await services.prompts.confirm(question, goOn)) !== goOn) return;
  if (later.length > 0)
    await discard(
      services,
      later.map(({ folder }) => folder),
      t("{0} later checkpoints", later.length),
    );
  await resume(services, run.id);
}

/** Copies the adapter of a checkpoint, as PEFT reads it, to a folder that the user chooses. */
export async function exportCheckpoint(services: Services, given: unknown): Promise<void> {
  const { t } = vscode.l10n;
  const chosen = await chooseCheckpoint(services, given, t("Export which checkpoint?"));
  if (!chosen) return;
  const parent = await services.prompts.folder(t("Export into which folder?"));
  if (!parent) return;
  const { run, checkpoint } = chosen;
  const target = join(parent.fsPath, `${plainName(run)}-step-${checkpoint.step}`);
  for (const name of ["adapter_config.json", "adapter_model.safetensors"])
    await cp(join(checkpoint.folder, name), join(target, name), {
      errorOnExist: true,
      force: false,
    });
  void vscode.window.showInformationMessage(t("The adapter is in {0}.", target));
}

/** Moves a checkpoint to the trash. */
export async function deleteCheckpoint(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const chosen = await chooseCheckpoint(services, given, t("Delete which checkpoint?"));
  if (!chosen) return;
  const { run, checkpoint } = chosen;
  if (isLive(run)) throw new UserError(t("{0} is being trained; stop it first", run.name));
  await discard(services, [checkpoint.folder], `${run.name}, ${t("step {0}", checkpoint.step)}`);
}
