import { basename } from "node:path";
import { readImageRoot } from "../data/readData";
import { UserError } from "../util/errors";
import { toldName } from "./chosenSets";
import type { Plan, PlannedCell } from "./expand";
import { ofDataSet } from "./ofDataSet";

/**
 * Looks for the images of every data set that runs would train or measure on, before the first of the runs is made. All
 * that are not there are told at once, each in a line of its own.
 */
export function requireDataSets(cells: readonly PlannedCell[], plan: Plan): void {
  const looked = new Set<string>();
  const complaints: string[] = [];
  const look = (dataset: string, root: string | null, name: string): void => {
    const key = JSON.stringify([dataset, root]);
    if (looked.has(key)) return;
    looked.add(key);
    try {
      readImageRoot({ dataset, root });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      complaints.push(
        `${basename(plan.file)}, ${toldName(plan, name)}: ${ofDataSet(error.message)}`,
      );
    }
  };
  for (const { dataset, config } of cells) {
    look(config.data.dataset, config.data.root, dataset);
    for (const target of config.evaluation.targets)
      look(target.dataset, target.root, target.name ?? target.dataset);
  }
  if (complaints.length > 0) throw new UserError(complaints.join("\n"));
}
