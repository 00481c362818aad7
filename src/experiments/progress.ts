import type { ExperimentRecord } from "../protocol/experimentRecord";
import { isLiving } from "../protocol/living";
import type { CellProgress } from "../protocol/tablePage";
import type { CellResult } from "./collect";

/** Progress for each data set and method, in the experiment's order. */
export function progressOf(
  { datasets, methods, targets }: ExperimentRecord,
  results: readonly CellResult[],
): CellProgress[] {
  return datasets.flatMap(({ name: dataset }) =>
    methods.map(({ name: method }) => {
      const own = results.filter(({ cell }) => cell.dataset === dataset && cell.method === method);
      const count = (...states: CellResult["state"][]): number =>
        own.filter(({ state }) => states.includes(state)).length;
      const done = own.reduce((sum, result) => sum + doneOf(result, targets.length), 0);
      return {
        dataset,
        method,
        runs: own.length,
        finished: count("finished"),
        failed: count("failed"),
        running: count("starting", "running", "paused"),
        measuring: own.filter(isLeftToMeasure).length,
        step: own.reduce((sum, { step }) => sum + step, 0),
        steps: own.reduce((sum, { steps }) => sum + steps, 0),
        share: own.length === 0 ? 0 : done / own.length,
      };
    }),
  );
}

/** Whether a run has come to its end and is only to be measured on more data sets, which nobody is at yet. */
export function isLeftToMeasure({ state, measured }: CellResult): boolean {
  return measured !== undefined && state !== "failed" && (state === "missing" || !isLiving(state));
}

/** Share of a run that is done: of its steps; of one that is only to be measured on more, of its own images and the targets. */
function doneOf({ state, step, steps, measured }: CellResult, targets: number): number {
  if (state === "finished") return 1;
  if (measured !== undefined) return (1 + measured) / (1 + targets);
  return steps > 0 ? Math.min(1, step / steps) : 0;
}
