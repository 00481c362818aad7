import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { DataSource, SplitSource } from "../../protocol/dataPage";
import { dataSetTitles } from "../../protocol/dataSetNames";
import { UserError } from "../../util/errors";
import { type DataNode, imagesIn, setName, type SetNode, setOf } from "../data/dataNodes";
import type { Services } from "../services";
import { anyFolder, chooseConfig, requireTrust } from "./targets";

/** Adds folders to the view: those that were given, or one that the user chooses. */
export async function addDataFolder(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  requireTrust();
  const several: unknown[] = Array.isArray(selected) ? selected : [given];
  const uris = several.filter((each) => each instanceof vscode.Uri);
  if (uris.length === 0) {
    const chosen = await services.prompts.folder(vscode.l10n.t("Add which folder of images?"));
    if (!chosen) return;
    uris.push(chosen);
  }
  await addFolders(
    services,
    uris.map(({ fsPath }) => fsPath),
  );
}

/** Adds folders, shows the view and looks into them. */
export async function addFolders(
  { data, dataTree, added }: Pick<Services, "data" | "dataTree" | "added">,
  folders: readonly string[],
): Promise<void> {
  for (const folder of folders) {
    const found = await stat(folder).catch(() => null);
    if (!found?.isDirectory())
      throw new UserError(vscode.l10n.t("{0} is not a folder, expected one of images", folder));
  }
  await added.add(folders);
  await vscode.commands.executeCommand("glad.datasets.focus");
  await dataTree.busy(() => data.refresh());
}

/** Takes an added folder out of the view; the folder itself stays as it is. */
export async function removeDataFolder(services: Services, given: unknown): Promise<void> {
  const { added, prompts, data } = services;
  const node = nodeOf(given);
  const root = node ? placeOf(node).root : undefined;
  const items = added.folders.map((folder) => ({ label: folder }));
  const title = vscode.l10n.t("Remove which folder from the view?");
  const folder = root ?? (await prompts.pick(items, { title }))?.label;
  if (folder === undefined) return;
  await added.remove(folder);
  await data.refresh();
}

/** Looks anew at all folders. */
export async function refreshData({ data, dataTree }: Services): Promise<void> {
  await dataTree.busy(() => data.refresh());
}

/** Shows a class as a contact sheet. */
export async function showClass(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const node = nodeOf(given);
  const chosen = node?.kind === "class" ? node : await chooseClass(services, node && setOf(node));
  if (!chosen) return;
  const { report } = chosen.set;
  const { name } = report.classes[chosen.label]!;
  const { dataset, folder: root } = report;
  await services.dataPanels.show({ page: "class", root, dataset, label: chosen.label, name });
}

async function chooseClass(
  services: Services,
  given: SetNode | null | undefined,
): Promise<{ set: SetNode; label: number } | null> {
  const { t } = vscode.l10n;
  const set = given ?? (await chooseSet(services, t("The images of which data set?")));
  if (!set) return null;
  const items = set.report.classes.map((counts, label) => ({
    label: counts.name,
    description: t("{0} images", imagesIn(counts)),
    set,
    at: label,
  }));
  const picked = await services.prompts.pick(items, { title: t("The images of which class?") });
  return picked ? { set, label: picked.at } : null;
}

/** A data set of the view that the user picks. */
async function chooseSet({ data, prompts }: Services, title: string): Promise<SetNode | null> {
  const items = setPicks(data);
  if (items.length === 0)
    throw new UserError(
      vscode.l10n.t("There is no data set yet; add a folder of images to the view Data Sets."),
    );
  return (await prompts.pick(items, { title, matchOnDescription: true }))?.set ?? null;
}

/** The data sets of the view as items of a list to pick from. */
function setPicks({ places }: Services["data"]): (vscode.QuickPickItem & { set: SetNode })[] {
  return places.flatMap((place) =>
    place.sets.map((report) => ({
      label: setName(report),
      description: report.folder,
      set: { kind: "set", place, report, findings: [] },
    })),
  );
}

/** Checks a data set of the view, a folder of the explorer, what is linked, or a folder that the user chooses. */
export async function checkData(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { dataPanels, data } = services;
  const node = nodeOf(given);
  if (node?.kind === "finding") {
    // A click on a problem shows what is known of it; it does not start a check of hours.
    const known = data.checkOf(node.set.report) !== null;
    return dataPanels.show(checkOfSet(node.set), !known);
  }
  if (given instanceof vscode.Uri)
    return dataPanels.show({ page: "check", root: given.fsPath, dataset: null }, true);
  if (node?.kind === "place")
    return dataPanels.show({ page: "check", root: node.place.root, dataset: null }, true);
  const set = node && setOf(node);
  const source = set ? checkOfSet(set) : await chooseCheck(services);
  if (source) await dataPanels.show(source, true);
}

function checkOfSet({ report }: SetNode): DataSource {
  return { page: "check", root: report.folder, dataset: report.dataset };
}

type CheckPick = vscode.QuickPickItem & { source: DataSource | null };

async function chooseCheck({ data, prompts }: Services): Promise<DataSource | null> {
  const { t } = vscode.l10n;
  const title = t("Check which data set?");
  const sets = setPicks(data).map((pick): CheckPick => ({ ...pick, source: checkOfSet(pick.set) }));
  const places = data.places
    .filter((place) => place.sets.length > 1)
    .map(({ root }): CheckPick => ({
      label: `$(folder-library) ${basename(root)}`,
      description: root,
      source: { page: "check", root, dataset: null },
    }));
  const browse: CheckPick = { label: `$(folder) ${t("Choose a folder...")}`, source: null };
  const picked = await prompts.pick([...sets, ...places, browse], { title });
  if (!picked || picked.source) return picked?.source ?? null;
  const folder = await prompts.folder(title);
  return folder ? { page: "check", root: folder.fsPath, dataset: null } : null;
}

/** Shows which images a configuration, or a data set of the view with few shots, trains, validates and tests on. */
export async function previewSplit(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const node = nodeOf(given);
  const set = node && setOf(node);
  const of = set ? await fewShots(services, set) : await configSource(services, given);
  if (of) await services.dataPanels.show({ page: "split", of });
}

async function configSource(services: Services, given: unknown): Promise<SplitSource | null> {
  if (!(given instanceof vscode.Uri) && services.configs.files.length === 0) {
    const set = await chooseSet(services, vscode.l10n.t("The split of which data set?"));
    return set && fewShots(services, set);
  }
  const config = await chooseConfig(services, given);
  return config === null ? null : { config };
}

const shotCounts = [1, 2, 4, 8, 16, null];

async function fewShots({ prompts }: Services, { report }: SetNode): Promise<SplitSource | null> {
  const { t } = vscode.l10n;
  const source = { root: report.folder, dataset: report.dataset, seed: 1 };
  // Nothing is sampled of what can only be measured.
  if (report.counts?.train === 0) return { ...source, shots: null };
  const shots = shotCounts.map((count) => ({
    label: count === null ? t("All images") : count === 1 ? t("1 shot") : t("{0} shots", count),
    count,
  }));
  const title = t("Training images per class of {0}", setName(report));
  const picked = await prompts.pick(shots, { title });
  if (!picked) return null;
  if (picked.count === null) return { ...source, shots: null };
  const seeds = [1, 2, 3].map((seed) => ({ label: t("Seed {0}", seed), seed }));
  const seed = await prompts.pick(seeds, { title: t("Seed of the sampling") });
  return seed ? { ...source, shots: picked.count, seed: seed.seed } : null;
}

/** Remembers where a published data set lies, for configurations without a folder; or the folder that holds them all. */
export async function linkDataSet(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const { prompts, program, data, dataTree } = services;
  const node = nodeOf(given);
  const set = node && setOf(node);
  const known = set && set.report.dataset !== "folder" ? set.report.dataset : null;
  const all = { label: `$(folder-library) ${t("A folder that holds several")}`, name: null };
  const items = Object.entries(dataSetTitles).map(([name, label]) => ({
    label,
    description: name,
    name: name,
  }));
  const picked = known
    ? { name: known as string | null }
    : await prompts.pick([all, ...items], { title: t("Link which data set?") });
  if (!picked) return;
  const folder = set?.report.folder ?? (await prompts.folder(t("Its folder")))?.fsPath;
  if (folder === undefined) return;
  const args = picked.name === null ? ["root", folder] : ["link", picked.name, folder];
  const { stdout } = await program.must(["data", ...args], { cwd: anyFolder(services) });
  void vscode.window.showInformationMessage(stdout.trim());
  await dataTree.busy(() => data.refresh());
}

/** Forgets where a linked data set lies; its folder stays as it is. */
export async function unlinkDataSet(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { program, data, dataTree } = services;
  const node = nodeOf(given);
  if (!node) return;
  const { root } = placeOf(node);
  const set = setOf(node);
  const linked = set !== null && set.report.folder === root && set.report.dataset !== "folder";
  const args = linked ? ["link", set.report.dataset, "--remove"] : ["root", "--remove"];
  const { stdout } = await program.must(["data", ...args], { cwd: anyFolder(services) });
  void vscode.window.showInformationMessage(stdout.trim());
  await dataTree.busy(() => data.refresh());
}

/** Shows the folder of a data set in the explorer, or beside the window where the explorer does not have it. */
export async function revealData(services: Services, given: unknown): Promise<void> {
  const node = nodeOf(given);
  const set = node && node.kind !== "place" ? setOf(node) : null;
  const root = node?.kind === "place" ? node.place.root : set?.report.folder;
  const folder =
    root ?? (await chooseSet(services, vscode.l10n.t("Reveal which data set?")))?.report.folder;
  if (folder === undefined) return;
  const uri = vscode.Uri.file(folder);
  const inside = vscode.workspace.getWorkspaceFolder(uri);
  await vscode.commands.executeCommand(inside ? "revealInExplorer" : "revealFileInOS", uri);
}

/** The item of the view that a command was given; null where it was given something else or nothing. */
function nodeOf(given: unknown): DataNode | null {
  const isNode = typeof given === "object" && given !== null && "kind" in given;
  return isNode ? (given as DataNode) : null;
}

function placeOf(node: DataNode) {
  return node.kind === "place" ? node.place : setOf(node)!.place;
}
