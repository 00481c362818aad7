import { access, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FrozenConfig } from "../../protocol/frozen";
import type { SplitDetails } from "../../protocol/page";
import { predictionsName, type RunPaths } from "../../protocol/runFolder";
import { type DetailsQuery, type PredictedImage, splitDetails } from "../../protocol/splitDetails";
import { UserError } from "../../util/errors";
import { tailLines } from "../runs/tail";

/** The splits among some names of which a run has raw predictions. */
export async function detailedSplits(
  { predictions }: RunPaths,
  splits: readonly string[],
): Promise<string[]> {
  const files = new Set(await readdir(predictions).catch(() => []));
  return [...new Set(splits)].filter((split) => files.has(predictionsName(split, false)));
}

/** What lies behind the accuracy of a split, from the run's files. `uriOf` makes the address of a picture. */
export async function readDetails(
  paths: RunPaths,
  query: DetailsQuery,
  uriOf: (path: string) => string | null,
): Promise<SplitDetails> {
  const [names, adapted, zeroShot] = await Promise.all([
    classNames(paths, query.split),
    predictions(join(paths.predictions, predictionsName(query.split, false))),
    predictions(join(paths.predictions, predictionsName(query.split, true))),
  ]);
  if (adapted.length === 0)
    throw new UserError(`${query.split}: the run has kept no predictions of this split`);
  return splitDetails(query, names, adapted, zeroShot.length > 0 ? zeroShot : null, uriOf);
}

/** The classes of a split by their labels, as split.jsonl names them. */
async function classNames({ split: file }: RunPaths, split: string): Promise<string[]> {
  const names: string[] = [];
  const tail = tailLines(file, (line) => {
    const sample = parse<{ split: string; label: number; name: string }>(line);
    if (sample?.split === split) names[sample.label] = sample.name;
  });
  await tail.read();
  // A label without an image has no name.
  return Array.from(names, (name, label) => name ?? `#${label}`);
}

async function predictions(file: string): Promise<PredictedImage[]> {
  const found: PredictedImage[] = [];
  await tailLines(file, (line) => {
    const prediction = parse<PredictedImage>(line);
    if (prediction) found.push(prediction);
  }).read();
  return found;
}

function parse<T>(line: string): T | null {
  try {
    return JSON.parse(line) as T;
  } catch {
    return null;
  }
}

/** How deep below a data set's folder its images' folder may lie, e.g. `caltech-101/101_ObjectCategories`. */
const deepest = 2;

/** The folder that the paths of a run's images are relative to; null where the images are gone. */
export async function findImageRoot(
  paths: RunPaths,
  { data }: Pick<FrozenConfig, "data">,
): Promise<string | null> {
  if (data.root === null) return null;
  const sample = await firstSample(paths);
  if (sample === null) return null;
  let level = [data.root];
  for (let depth = 0; depth <= deepest; depth++) {
    for (const folder of level) if (await isThere(join(folder, sample))) return folder;
    level = (await Promise.all(level.map(foldersIn))).flat().slice(0, 500);
  }
  return null;
}

/** The path of the first image that a run names. The list of ImageNet's is 200 MB long. */
async function firstSample({ split }: RunPaths): Promise<string | null> {
  const handle = await open(split, "r").catch(() => null);
  if (!handle) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, null, 0);
    const [line] = buffer.toString("utf8", 0, bytesRead).split("\n", 1);
    return parse<{ path: string }>(line!)?.path ?? null;
  } finally {
    await handle.close();
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
