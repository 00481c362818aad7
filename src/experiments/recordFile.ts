import { dirname, join } from "node:path";

/** `.glad/experiments/NAME/experiment.json`, beside the folder of the runs. */
export function recordFile(runs: string, name: string): string {
  return join(dirname(runs), "experiments", name, "experiment.json");
}
