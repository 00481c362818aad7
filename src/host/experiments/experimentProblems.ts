import { dirname } from "node:path";
import { checkingExperiment } from "../../experiments/checkExperiment";
import { parsingExperiment } from "../../experiments/loadExperiment";
import type { Fault } from "../../protocol/fault";
import type { Turns } from "../../util/turns";
import { lookOnce } from "../config/lookOnce";
import { faultsOf, placeFaults, type Problem } from "../config/problems";
import { inTurns } from "../turns";

/** What is wrong with the text of an experiment, by the same rules and in the same words as the command line. */
export const experimentProblems = lookOnce(async (text, file): Promise<readonly Problem[]> =>
  placeFaults(await inTurns(looking(text, file)), text, file),
);

function* looking(text: string, file: string): Turns<readonly Fault[]> {
  try {
    const experiment = yield* parsingExperiment(text, file, dirname(file));
    return yield* checkingExperiment({ experiment, file });
  } catch (error) {
    return faultsOf(error);
  }
}
