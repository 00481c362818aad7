import { basename, isAbsolute, join, relative } from "node:path";
import type { ClassCounts, DataSetReport } from "../../protocol/dataReport";
import { isImageName, looksLikeImageFolder } from "../../util/imageNames";
import { listFolderAsync, walkFolders } from "../../util/walkFolders";
import type { LookForData } from "./dataStore";

/** How far a look goes where nothing may be started and everything is listed here. */
const limits = { depth: 3, folders: 300 };
const mostClasses = 200;

/**
 * Lists folders of images without starting anything: what a workspace that is not trusted gets. Of what its files name, only what lies
 * in the workspace is looked at. Lists of published data sets are not read.
 */
export const lookAround: LookForData = async ({ added, configured, workspaces }, tell) => {
  const inside = configured
    .map(({ root }) => root)
    .filter((root) => workspaces.some((workspace) => isInside(root, workspace)));
  const told = new Set<string>();
  const passed: string[] = [];
  const look = async (origin: "named" | "workspace", root: string): Promise<void> => {
    const walked = await walkFolders(root, limits, looksLikeImageFolder);
    passed.push(...walked.passed);
    for (const folder of walked.taken) {
      if (told.has(folder)) continue;
      told.add(folder);
      tell({ type: "set", origin, root: folder, report: await describe(folder) });
    }
  };
  for (const root of [...added, ...inside]) await look("named", root);
  for (const root of workspaces) await look("workspace", root);
  return [...told, ...passed];
};

/** The class folders with the number of their images; what trains and what tests is not told. */
async function describe(folder: string): Promise<DataSetReport> {
  const top = await listFolderAsync(folder);
  const train = top.folders.find((name) => /^train(ing)?$/i.test(name));
  const above = train === undefined ? folder : join(folder, train);
  const { folders } = train === undefined ? top : await listFolderAsync(above);
  const classes: ClassCounts[] = [];
  for (const name of folders.slice(0, mostClasses)) {
    const { files } = await listFolderAsync(join(above, name));
    const images = files.filter(isImageName).length;
    if (images > 0) classes.push({ name, train: images, val: 0, test: 0 });
  }
  return {
    dataset: "folder",
    title: basename(folder),
    folder,
    imageRoot: folder,
    layout: null,
    counts: null,
    published: null,
    classes,
    findings: [],
    downloads: [],
  };
}

/** Whether a path is a folder or lies below it. */
export function isInside(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below === "" || (!/^\.\.([\\/]|$)/.test(below) && !isAbsolute(below));
}
