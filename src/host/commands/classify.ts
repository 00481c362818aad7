import * as vscode from "vscode";
import type { RunNode } from "../runs/runsTree";
import type { Services } from "../services";
import { chooseRun, requireTrust } from "./targets";

/**
 * Shows the classes that a checkpoint gives to images: those of the explorer that were given, or that the user chooses; by the
 * given run's newest checkpoint, the given one, or that of a run which the user picks.
 */
export async function classifyImages(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const several: unknown[] = Array.isArray(selected) ? selected : [given];
  const uris = several.filter((each) => each instanceof vscode.Uri);
  const title = t("Classify images by which run?");
  const node = uris.length > 0 ? undefined : given;
  const run = await chooseRun(services, node, ({ checkpoints }) => checkpoints.length > 0, title);
  if (!run) return;
  const chosen = uris.length > 0 ? uris : await chooseImages(services);
  if (!chosen || chosen.length === 0) return;
  const checkpoint = (node as RunNode | undefined)?.checkpoint?.folder ?? null;
  const places = chosen.map(({ fsPath }) => fsPath);
  await services.dataPanels.show({ page: "classified", run: run.id, checkpoint, places }, true);
}

/** A dialog shows folders or files, and not everywhere both. */
async function chooseImages({ prompts }: Services): Promise<vscode.Uri[] | undefined> {
  const { t } = vscode.l10n;
  const folder = { label: `$(folder) ${t("All images in a folder...")}`, all: true };
  const files = { label: `$(file-media) ${t("Some images...")}`, all: false };
  const picked = await prompts.pick([folder, files], { title: t("Classify which images?") });
  if (!picked) return undefined;
  if (!picked.all) return prompts.images(t("Classify which images?"));
  const uri = await prompts.folder(t("Classify the images of which folder?"));
  return uri && [uri];
}
