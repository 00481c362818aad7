import type { ExperimentRecord } from "../protocol/experimentRecord";
import type { CellProgress } from "../protocol/tablePage";
import type { CellResult } from "./collect";

/** Progress for each data set and method, in the experiment's order. */
export function progressOf(
  { datasets, methods }: ExperimentRecord,
  results: readonly CellResult[],
): CellProgress[] {
  return datasets.flatMap(({ name: dataset }) =>
    methods.map(({ name: method }) => {
      const own = results.filter(({ cell }) => cell.dataset === dataset && cell.method === method);
      const count = (...states: CellResult["state"][]): number =>
        own.filter(({ state }) => states.includes(state)).length;
      const done = own.reduce(
        (sum, { state, step, steps }) =>
          sum + (state === "finished" ? 1 : steps > 0 ? Math.min(1, step / steps) : 0),
        0,
      );
      return {
        dataset,
        method,
        runs: own.length,
        finished: count("finished"),
        failed: count("failed"),
        running: count("starting", "running", "paused"),
        step: own.reduce((sum, { step }) => sum + step, 0),
        steps: own.reduce((sum, { steps }) => sum + steps, 0),
        share: own.length === 0 ? 0 : done / own.length,
      };
    }),
  );
}
