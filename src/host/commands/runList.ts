import * as vscode from "vscode";
import { type SortOrder, sortOrders } from "../runs/runsTree";
import type { Services } from "../services";
import { givenRun } from "./targets";

/** Puts a run on top of those without a trainer, or takes it down. */
export function star(on: boolean) {
  return async (services: Services, given: unknown): Promise<void> => {
    const run = await givenRun(services, given);
    if (run) await services.tree.star(run, on);
  };
}

/** Asks for words that the shown runs have in their names or states. */
export async function filterRuns({ prompts, tree }: Services, given: unknown): Promise<void> {
  // A link gives the words.
  if (typeof given === "string") return tree.setFilter(given);
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
