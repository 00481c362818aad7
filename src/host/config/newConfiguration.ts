import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { DataSetReport } from "../../protocol/dataReport";
import { trainedNames } from "../../protocol/recipes";
import { requireTrust } from "../commands/targets";
import type { Services } from "../services";
import { configurationText, nameOf, type Wishes } from "./configurationText";
import {
  chooseFolder,
  chooseModel,
  folderIn,
  foundSets,
  type Shots,
  shotsIn,
  shotsOf,
  usual,
} from "./guidedQuestions";
import { pathFrom } from "./pathFrom";

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

/** `glad.json`, or where that is taken `photos.glad.json`, `photos-2.glad.json` and so on. */
function freeName(folder: string, name: string): string {
  for (let n = 0; ; n++) {
    const before = ["", `${name}.`][n] ?? `${name}-${n}.`;
    const file = join(folder, `${before}glad.json`);
    if (!existsSync(file)) return file;
  }
}
