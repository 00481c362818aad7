import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { requireTrust } from "../commands/targets";
import {
  chooseFolder,
  chooseModel,
  folderIn,
  ownImagesIn,
  shotsIn,
} from "../config/guidedQuestions";
import type { ExperimentProtocol } from "../../protocol/experimentRecord";
import type { Services } from "../services";
import { experimentText, type ExperimentWishes } from "./experimentText";

/** Asks for protocol, model, data and executor; writes an experiment file with comments and opens it. Gives its path. */
export async function newExperiment(services: Services): Promise<string | null> {
  requireTrust();
  const folder = await chooseFolder(services, vscode.l10n.t("New Experiment: in which folder?"));
  if (folder === null) return null;
  const wishes = await ask(services, folder);
  if (wishes === null) return null;
  const name = freeName(folder, wishes.protocol);
  const file = vscode.Uri.file(join(folder, `${name}.experiment.json`));
  await vscode.workspace.fs.writeFile(file, Buffer.from(experimentText({ ...wishes, name })));
  await vscode.window.showTextDocument(file);
  await services.experimentFiles.refresh();
  return file.fsPath;
}

type Answers = Omit<ExperimentWishes, "name">;

async function ask(services: Services, folder: string): Promise<Answers | null> {
  const { prompts } = services;
  const { t } = vscode.l10n;
  const step = (n: number, what: string): string => t("New Experiment ({0}/4): {1}", n, what);
  const protocol = await prompts.pick(protocols(), { title: step(1, t("which protocol?")) });
  if (!protocol) return null;
  const model = await chooseModel(prompts, folder, step(2, t("which CLIP?")));
  if (model === null) return null;
  const data = await askData(services, folder, protocol.protocol, step(3, t("which data?")));
  if (data === null) return null;
  const executors = [
    {
      label: t("This machine"),
      detail: t("A queue that goes on when the editor is closed"),
      executor: "local" as const,
    },
    {
      label: "Slurm",
      detail: t("A job array with one task per run"),
      executor: "slurm" as const,
    },
  ];
  const executor = await prompts.pick(executors, { title: step(4, t("carried out where?")) });
  if (!executor) return null;
  return { protocol: protocol.protocol, model, ...data, executor: executor.executor };
}

function protocols(): (vscode.QuickPickItem & { protocol: ExperimentProtocol })[] {
  const { t } = vscode.l10n;
  const item = (protocol: ExperimentProtocol, detail: string) => ({
    label: protocol,
    detail,
    protocol,
  });
  return [
    item("base-to-novel", t("Train on half of the classes, measure both halves")),
    item("few-shot", t("Train on all classes with 1, 2, 4, 8 and 16 images of each")),
    item("cross-dataset", t("Train on ImageNet, measure on ten other data sets")),
    item("domain-generalization", t("Train on ImageNet, measure on V2, Sketch, A and R")),
    item("own", t("Train on a folder of your own, measure on others")),
  ];
}

type Data = Pick<ExperimentWishes, "root" | "own" | "shots" | "scarce">;

async function askData(
  services: Services,
  folder: string,
  protocol: ExperimentProtocol,
  title: string,
): Promise<Data | null> {
  const { t } = vscode.l10n;
  const { prompts } = services;
  const published = (root: string | null): Data => ({ root, own: [], shots: null, scarce: null });
  const ofOwn = async (own: readonly [string, ...string[]]): Promise<Data> => ({
    root: null,
    own,
    ...(await shotsIn(services, folder, own[0])),
  });
  if (protocol === "own") {
    const source = await ownImagesIn(services, folder, t("Images to train on"));
    if (source === null) return null;
    const target = await ownImagesIn(services, folder, t("Images to measure on"), source);
    return target === null ? null : ofOwn([source, target]);
  }
  const known = { label: t("Published data sets that `glad data` knows"), what: "known" as const };
  const root = { label: t("Published data sets in a folder..."), what: "root" as const };
  const own = { label: t("A folder of images, one sub-folder per class..."), what: "own" as const };
  const hasOwn = protocol === "few-shot" || protocol === "base-to-novel";
  const picked = await prompts.pick(hasOwn ? [root, known, own] : [root, known], { title });
  if (!picked) return null;
  if (picked.what === "known") return published(null);
  if (picked.what === "own") {
    const images = await ownImagesIn(services, folder, t("Images to train on"));
    return images === null ? null : ofOwn([images]);
  }
  const chosen = await folderIn(prompts, folder, picked.label);
  return chosen === null ? null : published(chosen);
}

/** The protocol's name, or where such a file is there `NAME-2` and so on. */
function freeName(folder: string, protocol: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? protocol : `${protocol}-${n}`;
    if (!existsSync(join(folder, `${name}.experiment.json`))) return name;
  }
}
