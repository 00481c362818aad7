import { dirname } from "node:path";
import { checkExperiment } from "../../experiments/checkExperiment";
import { parseExperiment } from "../../experiments/loadExperiment";
import { lookOnce } from "../config/lookOnce";
import { type Problem, problemsIn } from "../config/problems";

/** What is wrong with the text of an experiment, by the same rules and in the same words as the command line. */
export const experimentProblems = lookOnce((text, file): readonly Problem[] =>
  problemsIn(text, file, () => {
    const experiment = parseExperiment(text, file, dirname(file));
    return checkExperiment({ experiment, file });
  }),
);
