import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import * as vscode from "vscode";
import { trainedNames } from "../../protocol/recipes";
import { requireTrust } from "../commands/targets";
import type { Services } from "../services";
import { configurationText, type Wishes } from "./configurationText";

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
  const file = vscode.Uri.file(freeName(folder));
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

async function ask({ prompts }: Services, folder: string): Promise<Wishes | null> {
  const { t } = vscode.l10n;
  const step = (n: number, what: string): string => t("New Configuration ({0}/3): {1}", n, what);
  const model = await chooseModel(prompts, folder, step(1, t("which CLIP?")));
  if (model === null) return null;

  const browse = `$(folder) ${t("A folder of images, one sub-folder per class...")}`;
  const sets = trainedNames.map((label) => ({ label, description: t("a published data set") }));
  const images = await prompts.pick([{ label: browse }, ...sets], {
    title: step(2, t("which images?")),
  });
  if (!images) return null;
  const root = await folderIn(
    prompts,
    folder,
    images.label === browse ? t("Images") : images.label,
  );
  if (root === null) return null;

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
  const dataset = images.label === browse ? "folder" : images.label;
  return { model, root, dataset, protocol: protocol.protocol };
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
  if (!chosen) return null;
  const below = relative(folder, chosen.fsPath);
  if (below === "") return ".";
  return below.startsWith("..") ? chosen.fsPath : `./${below.replaceAll("\\", "/")}`;
}

/** `glad.json`, or where that is taken `2.glad.json` and so on. */
function freeName(folder: string): string {
  for (let n = 1; ; n++) {
    const file = join(folder, n === 1 ? "glad.json" : `${n}.glad.json`);
    if (!existsSync(file)) return file;
  }
}
