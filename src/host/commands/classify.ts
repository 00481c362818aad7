import * as vscode from "vscode";
import type { DataSource } from "../../protocol/dataPage";
import type { Services } from "../services";
import { chooseCheckpoint, requireTrust } from "./targets";

/**
 * Shows the classes that a checkpoint gives to images: those of the explorer that were given, or that the user chooses; by the
 * given checkpoint, or the one of a run that the user picks.
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
  const title = t("Classify images by which checkpoint?");
  const node = uris.length > 0 ? undefined : given;
  const chosen = await chooseCheckpoint(services, node, title, { only: true });
  if (!chosen) return;
  const images = uris.length > 0 ? uris : await chooseImages(services);
  if (!images || images.length === 0) return;
  const { run, checkpoint, isNamed } = chosen;
  const source: DataSource = {
    page: "classified",
    run: run.id,
    // The only one of a run that is trained may have given way to the next by now.
    checkpoint: isNamed ? checkpoint.folder : null,
    places: images.map(({ fsPath }) => fsPath),
  };
  await services.dataPanels.show(source, true);
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
