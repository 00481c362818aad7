import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { DataReport, DataSetReport } from "../../protocol/dataReport";
import { trainedNames } from "../../protocol/recipes";
import { requireTrust, waiting } from "../commands/targets";
import type { Services } from "../services";
import {
  configurationText,
  fittingShots,
  nameOf,
  scarceClass,
  type Wishes,
} from "./configurationText";
import { trainableSets } from "./knownImages";
import { pathFrom } from "./pathFrom";

/** Training images per class, and for whose sake there are no more. */
export type Shots = Pick<Wishes, "shots" | "scarce">;

/** Training images per class, where there are enough. */
const usual: Shots = { shots: 16, scarce: null };

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

/** Asks for model, images and what to measure; writes `glad.json` with comments and opens it. */
export async function newConfiguration(services: Services): Promise<string | null> {
  requireTrust();
  const folder = await chooseFolder(services, vscode.l10n.t("New Configuration: in which folder?"));
  if (folder === null) return null;
  const wishes = await ask(services, folder);
  if (wishes === null) return null;
  const file = vscode.Uri.file(freeName(folder, nameOf(wishes)));
  await vscode.workspace.fs.writeFile(file, Buffer.from(configurationText(wishes)));
  await vscode.window.showTextDocument(file);
  await services.configs.refresh();
  return file.fsPath;
}

/** The folder that a new file goes to: that of the workspace, or the one that the user picks. */
export async function chooseFolder({ prompts }: Services, title: string): Promise<string | null> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) return (await prompts.folder(title))?.fsPath ?? null;
  if (folders.length === 1) return folders[0]!.uri.fsPath;
  const items = folders.map(({ name, uri }) => ({ label: name, folder: uri.fsPath }));
  return (await prompts.pick(items, { title }))?.folder ?? null;
}

async function ask(services: Services, folder: string): Promise<Wishes | null> {
  const { t } = vscode.l10n;
  const { prompts } = services;
  const step = (n: number, what: string): string => t("New Configuration ({0}/3): {1}", n, what);
  const model = await chooseModel(prompts, folder, step(1, t("which CLIP?")));
  if (model === null) return null;

  const images = await chooseImages(services, folder, step(2, t("which images?")));
  if (images === null) return null;

  const protocols = [
    {
      label: t("All classes"),
      detail: t("Train on all classes and measure them"),
      protocol: "all" as const,
    },
    {
      label: t("Base to novel"),
      detail: t("Train on the first half of the classes, measure both halves: does it generalise?"),
      protocol: "base-to-novel" as const,
    },
  ];
  const protocol = await prompts.pick(protocols, { title: step(3, t("what to measure?")) });
  if (!protocol) return null;
  return { model, ...images, protocol: protocol.protocol };
}

/** Images that were found, another folder of one's own, or a published data set; null when none is picked. */
async function chooseImages(
  services: Services,
  folder: string,
  title: string,
): Promise<Pick<Wishes, "root" | "dataset" | keyof Shots> | null> {
  const { t } = vscode.l10n;
  const { prompts } = services;
  const browse = `$(folder) ${t("A folder of images, one sub-folder per class...")}`;
  const found = await foundSets(services);
  const published = trainedNames.map((label) => ({
    label,
    description: t("a published data set"),
    dataset: label,
  }));
  type Item = vscode.QuickPickItem & { set?: DataSetReport; dataset?: string };
  const items: Item[] = [...found, { label: browse }, ...published];
  const picked = await prompts.pick(items, { title, matchOnDetail: true });
  if (!picked) return null;
  if (picked.set) {
    const { dataset, folder: path } = picked.set;
    return { root: pathFrom(folder, path), dataset, ...shotsOf(picked.set) };
  }
  const { dataset = "folder" } = picked;
  const root = await folderIn(prompts, folder, dataset === "folder" ? t("Images") : dataset);
  if (root === null) return null;
  const shots = dataset === "folder" ? await shotsIn(services, folder, root) : usual;
  return { root, dataset, ...shots };
}

/** The data sets of this window that a run can be trained on, as items to pick from. */
async function foundSets({
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

function shotsOf({ classes }: Pick<DataSetReport, "classes">): Shots {
  if (classes.length === 0) return usual;
  const fewest = Math.min(...classes.map(({ train }) => train));
  return { shots: fittingShots(fewest), scarce: scarceClass(classes) };
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

/** A folder that the user chooses, relative where it lies in the workspace. */
export async function folderIn(
  prompts: Services["prompts"],
  folder: string,
  title: string,
): Promise<string | null> {
  const chosen = await prompts.folder(title);
  return chosen ? pathFrom(folder, chosen.fsPath) : null;
}

/** `glad.json`, or where that is taken `photos.glad.json`, `photos-2.glad.json` and so on. */
function freeName(folder: string, name: string): string {
  for (let n = 0; ; n++) {
    const before = ["", `${name}.`][n] ?? `${name}-${n}.`;
    const file = join(folder, `${before}glad.json`);
    if (!existsSync(file)) return file;
  }
}
