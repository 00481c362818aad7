import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expandExperiment } from "../../src/experiments/expand";
import { loadExperiment } from "../../src/experiments/loadExperiment";
import { temporaryFolder } from "./temporaryFolder";

/** The plan of an experiment file with this content. */
export function plan(content: unknown, folder = temporaryFolder()) {
  const file = join(folder, "x.experiment.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return expandExperiment(loadExperiment(file));
}
