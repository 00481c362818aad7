import { dirname, relative } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { isLive } from "../runs/hostRun";
import type { Services } from "../services";
import { givenRun, runPick } from "./targets";

/** Shows a run, or several that were selected in the tree; without any, the newest. */
export async function openResults(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  const several = Array.isArray(selected) ? selected : [given];
  const runs = several.flatMap((each) => givenRun(services, each)?.id ?? []);
  if (runs.length > 0) await services.panels.show([...new Set(runs)]);
  else await openLastResults(services, undefined);
}

/** Shows the run that is trained, or else the newest; with a configuration, among the runs that lie beside it. */
export async function openLastResults(services: Services, given: unknown): Promise<void> {
  const { store, panels } = services;
  const beside = given instanceof vscode.Uri ? dirname(given.fsPath) : null;
  const near = store.runs.filter(
    ({ id }) => beside !== null && !relative(beside, id).startsWith(".."),
  );
  const runs = near.length > 0 ? near : store.runs;
  const run = runs.find(isLive) ?? runs[0];
  if (!run) throw new UserError(vscode.l10n.t("There is no run yet. Start one with Train."));
  await panels.show([run.id]);
}

/** Lets the user choose the runs that are shown over one another. */
export async function compareRuns(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  if (Array.isArray(selected) && selected.length > 1) return openResults(services, given, selected);
  const shown = services.panels.shown.at(-1) ?? [];
  const first = givenRun(services, given)?.id;
  const items = services.store.runs.map((run) => ({
    ...runPick(run),
    picked: shown.includes(run.id) || run.id === first,
  }));
  const picked = await services.prompts.pickMany(items, {
    title: vscode.l10n.t("Compare which runs?"),
    matchOnDescription: true,
  });
  if (picked && picked.length > 0) await services.panels.show(picked.map(({ run }) => run.id));
}
