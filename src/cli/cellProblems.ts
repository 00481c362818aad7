import { resolveData } from "../data/dataRoot";
import { describeListedShots } from "../data/listedShots";
import { type ReadData, readOnce } from "../data/readData";
import type { PlannedCell } from "../experiments/expand";
import type { ConfigFinding } from "../protocol/configFinding";
import { memory, type Memory } from "../runtime/memory";
import { checkConfig, checkImages } from "../train/checkConfig";

/** Of runs that do not take this machine's main memory: on a cluster's nodes, or on a GPU. */
const boundless: Memory = { available: Infinity, total: Infinity, limitedBy: "machine" };

/** What would stop the runs of a cell, as its configuration is looked at by itself. */
export interface CellProblem {
  cell: PlannedCell;
  finding: ConfigFinding;
}

/**
 * What models, data and (`device`) processors show to be wrong with cells, each thing once, for its first cell. Only those
 * are looked at that can tell: of each data set the one with the most images for training, of each method the first; and the
 * images of each list (`data.list`).
 */
export async function problemsOfCells(
  cells: readonly PlannedCell[],
  { device, read = readOnce() }: { device: boolean; read?: ReadData },
): Promise<CellProblem[]> {
  const told = new Set<string>();
  const devices = new Set(["auto"]);
  const problems: CellProblem[] = [];
  const tell = (cell: PlannedCell, found: readonly ConfigFinding[]): void => {
    for (const finding of found) {
      if (finding.state !== "failed" || told.has(finding.message)) continue;
      told.add(finding.message);
      problems.push({ cell, finding });
    }
  };
  for (const cell of tellingCells(cells)) {
    const { config, given } = cell;
    // Opening a processor takes a second; once for each is enough. The CPU needs no opening, and is judged by its memory.
    const isPlain = config.device === "cpu" && config.training.precision === "float32";
    const look = device && (isPlain || !devices.has(config.device));
    devices.add(config.device);
    const looked = look ? config : { ...config, device: "auto" };
    const here = device && (config.device === "cpu" || config.device === "auto");
    const free = here ? memory() : boundless;
    tell(cell, await checkConfig({ config: looked, given }, free, {}, read));
  }
  for (const cell of cellsOfLists(cells)) tell(cell, checkList(cell, read));
  return problems;
}

/** The first cell of each list: it may be another for each data set, number of shots, seed and method. */
function cellsOfLists(cells: readonly PlannedCell[]): PlannedCell[] {
  const first = new Map<string, PlannedCell>();
  for (const cell of cells) {
    const { list } = cell.config.data;
    const key = JSON.stringify([cell.dataset, cell.shots, list]);
    if (list !== null && !first.has(key)) first.set(key, cell);
  }
  return [...first.values()];
}

/** What is wrong with a cell's images. A table says how many of a class are trained on, so its list must have as many. */
function checkList({ config }: PlannedCell, read: ReadData): ConfigFinding[] {
  const found = checkImages(config, read);
  if (found.length > 0) return found;
  const message = describeListedShots(resolveData(config.data), config.protocol, read);
  return message === null ? [] : [{ setting: "data.list", state: "failed", message, fixes: [] }];
}

/** See problemsOfCells. Shots that are drawn are the same for all seeds. */
export function tellingCells(cells: readonly PlannedCell[]): PlannedCell[] {
  const ofSet = new Map<string, PlannedCell>();
  const ofMethod = new Map<string, PlannedCell>();
  for (const cell of cells) {
    if (!ofMethod.has(cell.method)) ofMethod.set(cell.method, cell);
    const known = ofSet.get(cell.dataset);
    if (known === undefined || imagesOf(cell) > imagesOf(known)) ofSet.set(cell.dataset, cell);
  }
  return cells.filter(
    (cell) => ofSet.get(cell.dataset) === cell || ofMethod.get(cell.method) === cell,
  );
}

/** Training images of a class: none of zero-shot, all that there are where shots are null. */
function imagesOf({ shots, config }: PlannedCell): number {
  return shots === null && config.training.steps === 0 ? 0 : (config.data.shots ?? Infinity);
}
