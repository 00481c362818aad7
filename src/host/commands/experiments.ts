import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { recordFile } from "../../experiments/recordFile";
import type { HandedIn } from "../../protocol/experimentStatus";
import type { SharedRuns } from "../../experiments/sharedRuns";
import { UserError } from "../../util/errors";
import { namingFile } from "../config/problems";
import { isExperimentFile } from "../experiments/experimentFileName";
import {
  type CellNode,
  type ExperimentNode,
  experimentPick,
  runsOf,
} from "../experiments/experimentNodes";
import { nameOfFile } from "../experiments/experimentRecords";
import type { HostExperiment } from "../experiments/hostExperiment";
import { setting } from "../program";
import type { Services } from "../services";
import { requireTrust, waiting } from "./targets";

/** Makes the runs of an experiment that are missing, hands them to its executor and shows them. Gives the file. */
export async function runExperiment(services: Services, given: unknown): Promise<string | null> {
  requireTrust();
  const title = vscode.l10n.t("Run which experiment?");
  const file = await chooseExperiment(services, given, () => true, title);
  return file === null ? null : start(services, file);
}

/** Goes on with an experiment that was stopped, or of which runs failed or are missing. */
export async function continueExperiment(
  services: Services,
  given: unknown,
): Promise<string | null> {
  requireTrust();
  const title = vscode.l10n.t("Continue which experiment?");
  const file = await chooseExperiment(services, given, isUnfinished, title);
  return file === null ? null : start(services, file);
}

/** Begun, with runs that nobody works on. */
function isUnfinished({ state, left }: HostExperiment): boolean {
  return state === "partial" || left > 0;
}

async function start(services: Services, file: string): Promise<string | null> {
  await requireFile(services, file);
  await refuseBroken(file);
  const { program, tables } = services;
  const device = setting("glad.device");
  const args = ["experiment", "run", file, "--detach", "--json"];
  if (device !== "") args.push("--device", device);
  const title = vscode.l10n.t("GLAD: making the runs of {0}", nameOfFile(file));
  const done = await waiting(title, async (signal, say) => {
    const end = await program.run(args, { cwd: dirname(file), signal, onLine: say });
    if (signal.aborted) return false;
    if (end.code !== 0) throw new UserError(end.stderr.trim());
    tellNotes(services, JSON.parse(end.stdout) as HandedIn);
    return true;
  });
  await look(services, file);
  if (!done) return null;
  await tables.show(file);
  await showInTree(services, file);
  return file;
}

/** Says what nobody would expect of a click on Run. */
function tellNotes({ output }: Services, { notes }: HandedIn): void {
  if (notes.length === 0) return;
  notes.forEach((note) => output.info(note));
  void vscode.window.showInformationMessage(notes.join("\n"));
}

/** Takes back what waits of an experiment and stops what runs, each after its present step. */
export async function stopExperiment(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const title = vscode.l10n.t("Stop which experiment?");
  const file = await chooseExperiment(services, given, ({ state }) => state === "running", title);
  if (file === null) return;
  const { program, tree } = services;
  const args = ["experiment", "stop", file, "--json"];
  const { stdout } = await tree.busy(() => program.must(args, { cwd: dirname(file) }));
  const shared = sharedText((JSON.parse(stdout) as { shared: SharedRuns[] }).shared);
  if (shared !== null) void vscode.window.showInformationMessage(shared);
  await look(services, file);
}

/** Says whose runs stop besides an experiment's, and how they go on; null where they are nobody else's. */
export function sharedText(shared: readonly SharedRuns[]): string | null {
  if (shared.length === 0) return null;
  return vscode.l10n.t(
    "Other experiments have some of the runs that stop: {0}. Continue those experiments to go on with them.",
    shared.map(({ name, runs }) => `${name} (${runs})`).join(", "),
  );
}

/** Shows the table of an experiment as far as its runs are finished. */
export async function openTable(services: Services, given: unknown): Promise<void> {
  const title = vscode.l10n.t("The table of which experiment?");
  const file = await chooseExperiment(services, given, () => true, title);
  if (file === null) return;
  await services.tables.show(file);
  if (vscode.workspace.isTrusted) void services.experiments.refresh();
}

/** Brings an experiment into view among the runs. */
export async function showExperiment(services: Services, given: unknown): Promise<void> {
  const title = vscode.l10n.t("Show which experiment?");
  const file = await chooseExperiment(services, given, () => true, title);
  if (file === null) return;
  if (vscode.workspace.isTrusted) await services.experiments.ask(file);
  await showInTree(services, file);
}

/** Opens the file of an experiment. */
export async function openExperiment(services: Services, given: unknown): Promise<void> {
  const title = vscode.l10n.t("Open which experiment?");
  const file = await chooseExperiment(services, given, () => true, title);
  if (file === null) return;
  await requireFile(services, file);
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** An experiment is remembered with its runs; its file may have been deleted or renamed since. */
async function requireFile({ experiments }: Services, file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there) return;
  const record = experiments.get(file)?.record;
  const { t } = vscode.l10n;
  if (!record) throw new UserError(t("{0} is gone.", file));
  const remembered = dirname(recordFile(record.runs, record.name));
  throw new UserError(
    t("{0} is gone; put it back, or delete {1} to forget the experiment.", file, remembered),
  );
}

/** The runs of a cell of the tree, if that is what was given. */
export function runsOfCell({ store }: Services, given: unknown): string[] {
  const node = given as CellNode | undefined;
  if (node?.kind !== "cell") return [];
  const runs = runsOf(node, store).map(({ run }) => run.id);
  if (runs.length > 0) return runs;
  throw new UserError(vscode.l10n.t("{0} has no run there yet.", node.progress.method));
}

async function look(services: Services, file: string): Promise<void> {
  await services.experimentFiles.refresh();
  await services.store.refresh();
  await services.experiments.ask(file);
}

async function showInTree({ experiments, tree }: Services, file: string): Promise<void> {
  const experiment = experiments.get(file);
  if (experiment) await tree.reveal(experiment);
}

/**
 * The given experiment, that of the active editor, the only one that fits, or the one that the user picks; null when
 * none is picked. Unsaved changes are saved: what runs is what the editor shows.
 */
async function chooseExperiment(
  services: Services,
  given: unknown,
  fits: (experiment: HostExperiment) => boolean,
  title: string,
): Promise<string | null> {
  const file = givenFile(given) ?? (await pickExperiment(services, fits, title));
  if (file === null) return null;
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
  if (open?.isDirty && vscode.workspace.isTrusted) await open.save();
  return file;
}

function givenFile(given: unknown): string | null {
  if (given instanceof vscode.Uri) return given.fsPath;
  const node = given as ExperimentNode | undefined;
  if (node?.kind === "experiment") return node.experiment.file;
  const active = vscode.window.activeTextEditor?.document.uri;
  return active?.scheme === "file" && isExperimentFile(active.fsPath) ? active.fsPath : null;
}

async function pickExperiment(
  { experiments, prompts }: Services,
  fits: (experiment: HostExperiment) => boolean,
  title: string,
): Promise<string | null> {
  const { t } = vscode.l10n;
  const all = experiments.experiments;
  const fitting = all.filter(fits);
  if (fitting.length === 1) return fitting[0]!.file;
  if (fitting.length > 1) {
    const items = fitting.map(experimentPick);
    return (await prompts.pick(items, { title, matchOnDetail: true }))?.experiment.file ?? null;
  }
  if (all.length > 0) throw new UserError(t("There is no experiment for that."));
  const create = t("New Experiment");
  const message = t("There is no experiment file in this workspace yet.");
  if ((await prompts.confirm(message, create)) === create)
    await vscode.commands.executeCommand("glad.newExperiment");
  return null;
}

/** Shows what is wrong with a file instead of starting it. */
async function refuseBroken(file: string): Promise<void> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
  const { experimentProblems } = await import("../experiments/experimentProblems");
  const [problem] = await experimentProblems(Buffer.from(bytes).toString("utf8"), file);
  if (!problem) return;
  await vscode.window.showTextDocument(vscode.Uri.file(file), { preserveFocus: true });
  throw new UserError(namingFile(problem, file));
}
