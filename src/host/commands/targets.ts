import { dirname } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { isConfigFile } from "../config/configFileName";
import type { AnyExperimentNode } from "../experiments/experimentNodes";
import type { CheckpointInfo, HostRun } from "../runs/hostRun";
import { plainName } from "../runs/runNames";
import { accuraciesAt, describeRun, type RunNode } from "../runs/runsTree";
import type { Services } from "../services";

/** What a key bound in the tree says: that what is selected there is meant. */
export const selection = "selection";

/** The items of the tree that a command was given, alone or as the selection that they are part of. */
export async function givenNodes(
  { tree }: Services,
  given: unknown,
  selected?: unknown,
): Promise<RunNode[]> {
  if (given === selection) return tree.selected();
  const several = Array.isArray(selected) ? selected.filter(isRunNode) : [];
  if (several.length > 0) return several;
  return isRunNode(given) ? [given] : [];
}

function isRunNode(given: unknown): given is RunNode {
  return (given as RunNode | undefined)?.run !== undefined;
}

/**
 * The run that a command was given: an item of the tree, or a run's folder; null where it was given nothing. An item that
 * is no run is refused: no other run was meant.
 */
export async function givenRun(services: Services, given: unknown): Promise<HostRun | null> {
  if (given === selection) {
    const [node] = await services.tree.selected();
    if (node) return givenRun(services, node);
    throw new UserError(vscode.l10n.t("Select a run first."));
  }
  if ((given as AnyExperimentNode | undefined)?.kind !== undefined)
    throw new UserError(vscode.l10n.t("This is done to a run, not to an experiment."));
  const id = typeof given === "string" ? given : (given as RunNode | undefined)?.run?.id;
  if (typeof id !== "string") return null;
  const run = services.store.get(id);
  if (run) return run;
  throw new UserError(vscode.l10n.t("{0}: the run is no longer there", id));
}

/**
 * The given run, the only one that will do, or the one that the user picks; null when none is picked. What the window knows of
 * runs may be a second old, and a trainer that has begun or ended since decides: where none will do, it looks again.
 */
export async function chooseRun(
  services: Services,
  given: unknown,
  fits: (run: HostRun) => boolean,
  title: string,
): Promise<HostRun | null> {
  const { store } = services;
  const run = await givenRun(services, given);
  if (run) {
    if (!fits(run)) await store.look(run.id);
    return run;
  }
  if (!store.runs.some(fits)) await store.refresh();
  const runs = store.runs.filter(fits);
  if (runs.length <= 1) {
    if (runs[0]) return runs[0];
    throw new UserError(vscode.l10n.t("There is no run for that."));
  }
  const items = runPicks(runs);
  return (await services.prompts.pick(items, { title, matchOnDescription: true }))?.run ?? null;
}

/** Runs as items of a list to pick from. */
export function runPicks(runs: readonly HostRun[]): (vscode.QuickPickItem & { run: HostRun })[] {
  // Their full names tell them apart but for two that were made in two folders in the same second.
  const seen = new Set<string>();
  const twice = new Set(
    runs.flatMap(({ name }) => (seen.size === seen.add(name).size ? name : [])),
  );
  return runs.map((run) => ({
    label: run.name,
    description: describeRun(run),
    ...(twice.has(run.name) ? { detail: vscode.workspace.asRelativePath(run.id) } : {}),
    run,
  }));
}

/**
 * The given checkpoint, or the one of a run that the user picks; null when none is picked. The last one comes first, which a
 * return takes. `only`: where a run has but one, it is taken without a question.
 */
export async function chooseCheckpoint(
  services: Services,
  given: unknown,
  title: string,
  { only = false } = {},
): Promise<ChosenCheckpoint | null> {
  const node = given as RunNode | undefined;
  if (node?.checkpoint) return { run: node.run, checkpoint: node.checkpoint, isNamed: true };
  const run = await chooseRun(services, given, (each) => each.checkpoints.length > 0, title);
  if (!run) return null;
  const [last] = run.checkpoints;
  if (!last) throw new UserError(vscode.l10n.t("{0} has no checkpoint yet", run.name));
  if (only && run.checkpoints.length === 1) return { run, checkpoint: last, isNamed: false };
  const items = await checkpointPicks(services, run);
  const picked = await services.prompts.pick(items, {
    title,
    placeHolder: plainName(run),
    matchOnDescription: true,
  });
  return picked ? { run, checkpoint: picked.checkpoint, isNamed: true } : null;
}

/** A checkpoint that a command works on. */
export interface ChosenCheckpoint {
  run: HostRun;
  checkpoint: CheckpointInfo;
  /** Whether somebody named it, and not the run alone. */
  isNamed: boolean;
}

/** The checkpoints of a run as items of a list, the last one first. */
async function checkpointPicks({ store }: Services, run: HostRun) {
  // What each reached is told by the events alone.
  const events = store.follow(run.id);
  await events.ready;
  events.dispose();
  return run.checkpoints.map((checkpoint, i) => {
    const { step } = checkpoint;
    const marks = [
      ...(run.best?.step === step ? [vscode.l10n.t("best")] : []),
      ...(i === 0 ? [vscode.l10n.t("last")] : []),
    ];
    const description = [...accuraciesAt(run, step), ...marks].join(" · ");
    return { label: vscode.l10n.t("Step {0}", step), description, checkpoint };
  });
}

/**
 * The given configuration, that of the active editor, the only one of the workspace, or the one that the user picks; null
 * when none is picked. Its unsaved changes are saved: what runs is what the editor shows.
 */
export async function chooseConfig(services: Services, given: unknown): Promise<string | null> {
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const file =
    given instanceof vscode.Uri
      ? given.fsPath
      : active !== undefined && isConfigFile(active)
        ? active
        : await pickConfig(services);
  if (file === null) return null;
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
  if (open?.isDirty) await open.save();
  return file;
}

/** The configuration that the user picks, where there is a choice. */
export async function pickConfig(services: Services): Promise<string | null> {
  // One that was written a moment ago, or before the first look was done, is found now.
  if (services.configs.files.length === 0) await services.configs.refresh();
  const { files } = services.configs;
  if (files.length === 0) {
    const create = vscode.l10n.t("New Configuration");
    const message = vscode.l10n.t("There is no configuration in this workspace yet.");
    const answer = await services.prompts.confirm(message, create);
    if (answer === create) await vscode.commands.executeCommand("glad.newConfiguration");
    return null;
  }
  if (files.length === 1) return files[0]!;
  const items = files.map((file) => ({
    label: vscode.workspace.asRelativePath(file),
    file,
  }));
  const title = vscode.l10n.t("Which configuration?");
  return (await services.prompts.pick(items, { title }))?.file ?? null;
}

/** The folder that a program is started in for a configuration. */
export function folderOf(file: string): string {
  return dirname(file);
}

/** The folder that a program is started in where no configuration is meant. */
export function anyFolder({ context }: Services): string {
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? context.extensionPath;
}

/** Starting anything needs a trusted workspace. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserError(
    vscode.l10n.t("This workspace is not trusted: results can be looked at, nothing is started."),
  );
}

/** Does something that the user waits for, with a way to give up. */
export function waiting<T>(
  title: string,
  work: (signal: AbortSignal, say: (text: string) => void) => Promise<T>,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return work(abort.signal, (message) => progress.report({ message }));
  });
}
