import type { PlannedCell } from "../experiments/expand";
import type { ConfigFinding } from "../protocol/configFinding";
import { memory, type Memory } from "../runtime/memory";
import { checkConfig } from "../train/checkConfig";

/** Of runs that do not take this machine's main memory: on a cluster's nodes, or on a GPU. */
const boundless: Memory = { available: Infinity, total: Infinity, limitedBy: "machine" };

/** What would stop the runs of a cell, as its configuration is looked at by itself. */
export interface CellProblem {
  cell: PlannedCell;
  finding: ConfigFinding;
}

/**
 * What models, data and (`device`) processors show to be wrong with cells, each thing once, for its first cell. Only those
 * are looked at that can tell: of each data set the one with the most images for training, of each method the first.
 */
export async function problemsOfCells(
  cells: readonly PlannedCell[],
  { device }: { device: boolean },
): Promise<CellProblem[]> {
  const told = new Set<string>();
  const devices = new Set(["auto"]);
  const problems: CellProblem[] = [];
  for (const cell of tellingCells(cells)) {
    const { config, given } = cell;
    // Opening a processor takes a second; once for each is enough.
    const look = device && !devices.has(config.device);
    devices.add(config.device);
    const looked = look ? config : { ...config, device: "auto" };
    const here = device && (config.device === "cpu" || config.device === "auto");
    const found = await checkConfig({ config: looked, given }, here ? memory() : boundless);
    for (const finding of found) {
      if (finding.state !== "failed" || told.has(finding.message)) continue;
      told.add(finding.message);
      problems.push({ cell, finding });
    }
  }
  return problems;
}

/** See problemsOfCells. Shots are the same for all seeds. */
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
