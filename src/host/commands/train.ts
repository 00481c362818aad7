import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { configProblems, namingFile } from "../config/problems";
import { setting } from "../program";
import { isLive, isResumable } from "../runs/hostRun";
import { leaseRun } from "../runs/leases";
import type { Services } from "../services";
import { isFit } from "./doctor";
import { chooseConfig, chooseRun, folderOf, pickConfig, requireTrust } from "./targets";

/** Trains as a configuration says. Gives the run's folder, or null when the user thought better of it. */
export async function train(services: Services, given: unknown): Promise<string | null> {
  requireTrust();
  const file = await chooseConfig(services, given);
  return file === null ? null : startRun(services, file);
}

/** Trains as one of several configurations says. */
export async function trainWith(services: Services, given: unknown): Promise<string | null> {
  requireTrust();
  const file = given instanceof vscode.Uri ? given.fsPath : await pickConfig(services);
  return file === null ? null : startRun(services, file);
}

/** Runs that are about to start, by configuration and what it says. */
const starting = new Map<string, Promise<string | null>>();

/**
 * Checks the machine, makes the run, starts its trainer and shows the results as they come. Who asks for the very same again while it
 * starts, as a double click does, means that run.
 */
export async function startRun(services: Services, file: string): Promise<string | null> {
  const text = Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.file(file))).toString();
  const key = `${file}\n${text}`;
  const known = starting.get(key);
  // What goes wrong is told once.
  if (known) return known.catch(() => null);
  const started = start(services, file, text).finally(() => starting.delete(key));
  starting.set(key, started);
  return started;
}

async function start(services: Services, file: string, text: string): Promise<string | null> {
  const { program, store, panels, tree } = services;
  const [problem] = configProblems(text, file);
  if (problem) {
    await vscode.window.showTextDocument(vscode.Uri.file(file), { preserveFocus: true });
    throw new UserError(namingFile(problem, file));
  }
  const run = await tree.busy(async () => {
    if (!(await isFit(services, file))) return null;
    const args = ["train", file, "--detach", "--json", ...deviceArguments()];
    const { stdout } = await program.must(args, { cwd: folderOf(file) });
    const { run: started } = JSON.parse(stdout) as { run: string };
    await leaseRun(started);
    return started;
  });
  if (run === null) return null;
  await services.configs.refresh();
  await store.refresh();
  await panels.show([run]);
  return run;
}

/** The device of the machine's setting, which goes before that of the configuration. */
export function deviceArguments(): string[] {
  const device = setting("glad.device");
  return device === "" ? [] : ["--set", `device=${device}`];
}

/** Goes on with a run from its last checkpoint. */
export async function resume(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const title = vscode.l10n.t("Resume which run?");
  const run = await chooseRun(services, given, isResumable, title);
  if (!run) return;
  if (isLive(run)) throw new UserError(vscode.l10n.t("{0} is being trained already", run.name));
  await services.tree.busy(async () => {
    await services.program.must(["resume", run.id, "--detach"], { cwd: run.id });
    await leaseRun(run.id);
  });
  await services.store.refresh();
}
