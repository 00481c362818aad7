import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { isLive } from "../runs/hostRun";
import type { Services } from "../services";
import { runsOfCell } from "./experiments";
import { givenNodes, givenRun, runPicks } from "./targets";

/** Shows a run, or several that were selected in the tree; without any, the newest. */
export async function openResults(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  const cell = runsOfCell(services, given);
  if (cell.length > 0) return services.panels.show(cell);
  const nodes = await givenNodes(services, given, selected);
  const one = nodes.length === 0 ? await givenRun(services, given) : null;
  const runs = one ? [one.id] : nodes.map(({ run }) => run.id);
  const keepFocus = nodes.some(({ clicked }) => clicked);
  if (runs.length > 0) await services.panels.show([...new Set(runs)], { keepFocus });
  else await openLastResults(services, undefined);
}

/** Shows the run that is trained, or else the newest; with a configuration, among its own runs where it has some. */
export async function openLastResults(services: Services, given: unknown): Promise<void> {
  const { store, panels, configs } = services;
  const inOrder = [...store.runs.filter(isLive), ...store.runs];
  const own = given instanceof vscode.Uri ? await configs.firstRunOf(given.fsPath, inOrder) : null;
  const run = own ?? inOrder[0];
  if (!run) throw new UserError(vscode.l10n.t("There is no run yet. Start one with Train."));
  await panels.show([run.id]);
}

/** Lets the user choose the runs that are shown over one another. */
export async function compareRuns(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  const chosen = new Set((await givenNodes(services, given, selected)).map(({ run }) => run.id));
  if (chosen.size > 1) return services.panels.show([...chosen]);
  const shown = services.panels.shown.at(-1) ?? [];
  const items = runPicks(services.store.runs).map((item) => ({
    ...item,
    picked: shown.includes(item.run.id) || chosen.has(item.run.id),
  }));
  const picked = await services.prompts.pickMany(items, {
    title: vscode.l10n.t("Compare which runs?"),
    matchOnDescription: true,
  });
  if (picked && picked.length > 0) await services.panels.show(picked.map(({ run }) => run.id));
}
