import { basename } from "node:path";
import * as vscode from "vscode";
import type { DataReport, DataSetReport } from "../../protocol/dataReport";
import { waiting } from "../commands/targets";
import type { Services } from "../services";
import { fittingShots, scarceClass, type Wishes } from "./configurationText";
import { trainableSets } from "./knownImages";
import { pathFrom } from "./pathFrom";

/** Training images per class, and for whose sake there are no more. */
export type Shots = Pick<Wishes, "shots" | "scarce">;

/** Training images per class, where there are enough. */
export const usual: Shots = { shots: 16, scarce: null };

/** The folder that a new file goes to: that of the workspace, or the one that the user picks. */
export async function chooseFolder({ prompts }: Services, title: string): Promise<string | null> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) return (await prompts.folder(title))?.fsPath ?? null;
  if (folders.length === 1) return folders[0]!.uri.fsPath;
  const items = folders.map(({ name, uri }) => ({ label: name, folder: uri.fsPath }));
  return (await prompts.pick(items, { title }))?.folder ?? null;
}

/** The models that are offered, with a word on each. */
function models(): { label: string; description: string }[] {
  const { t } = vscode.l10n;
  return [
    {
      label: "openai/clip-vit-base-patch16",
      description: t("ViT-B/16, 150 M parameters: what the published numbers use"),
    },
    {
      label: "openai/clip-vit-base-patch32",
      description: t("ViT-B/32: about three times as quick"),
    },
    {
      label: "openai/clip-vit-large-patch14",
      description: t("ViT-L/14, 428 M parameters: most accurate, slow without a GPU"),
    },
  ];
}

/** A model of the hub, or the folder of one; null when none is picked. */
export async function chooseModel(
  prompts: Services["prompts"],
  folder: string,
  title: string,
): Promise<string | null> {
  const { t } = vscode.l10n;
  const other = `$(folder) ${t("A folder of this machine...")}`;
  const model = await prompts.pick([...models(), { label: other }], { title });
  if (!model) return null;
  return model.label === other ? folderIn(prompts, folder, t("Model")) : model.label;
}

/**
 * A folder of images by class that was found in this window, but for one that is taken already, or another one that the user chooses;
 * relative where it lies in the workspace; null when none is picked.
 */
export async function ownImagesIn(
  services: Services,
  folder: string,
  title: string,
  taken: string | null = null,
): Promise<string | null> {
  const { prompts } = services;
  const found = (await foundSets(services)).flatMap(({ set, ...item }) => {
    const root = pathFrom(folder, set.folder);
    return set.dataset === "folder" && root !== taken ? [{ ...item, root }] : [];
  });
  if (found.length === 0) return folderIn(prompts, folder, title);
  const browse = `$(folder) ${vscode.l10n.t("A folder of images, one sub-folder per class...")}`;
  const items: (vscode.QuickPickItem & { root?: string })[] = [...found, { label: browse }];
  const picked = await prompts.pick(items, { title, matchOnDetail: true });
  if (!picked) return null;
  return picked.root ?? folderIn(prompts, folder, title);
}

/** The data sets of this window that a run can be trained on, as items to pick from. */
export async function foundSets({
  data,
}: Services): Promise<(vscode.QuickPickItem & { set: DataSetReport })[]> {
  const { t } = vscode.l10n;
  // Nobody may have looked at the view yet, which is what looks for them.
  if (data.places.length === 0)
    await waiting(t("Looking for images..."), () => data.refresh().catch(() => undefined));
  return trainableSets(data.places).map((set) => {
    const { dataset, title, folder: path, counts } = set;
    const images = counts.train + counts.val + counts.test;
    return {
      label: dataset === "folder" ? basename(path) : title,
      description: t("{0} classes · {1} images", counts.classes, images),
      detail: path,
      set,
    };
  });
}

/** A folder that the user chooses, relative where it lies in the workspace. */
export async function folderIn(
  prompts: Services["prompts"],
  folder: string,
  title: string,
): Promise<string | null> {
  const chosen = await prompts.folder(title);
  return chosen ? pathFrom(folder, chosen.fsPath) : null;
}

/** The shots that fit a folder of images; the usual number where it cannot be read, as the marks in the file will say then. */
export async function shotsIn(
  { program }: Pick<Services, "program">,
  cwd: string,
  root: string,
): Promise<Shots> {
  const args = ["data", "check", root, "--dataset", "folder", "--quick", "--offline", "--json"];
  try {
    const { stdout } = await waiting(vscode.l10n.t("Counting images..."), (signal) =>
      program.run(args, { cwd, signal }),
    );
    const { sets } = JSON.parse(stdout) as DataReport;
    return sets[0] ? shotsOf(sets[0]) : usual;
  } catch {
    return usual;
  }
}

/** The shots that fit a data set whose classes are known. */
export function shotsOf({ classes }: Pick<DataSetReport, "classes">): Shots {
  if (classes.length === 0) return usual;
  const fewest = Math.min(...classes.map(({ train }) => train));
  return { shots: fittingShots(fewest), scarce: scarceClass(classes) };
}
