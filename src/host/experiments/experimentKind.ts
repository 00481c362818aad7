import type { FileKind } from "../config/diagnostics";
import { isExperimentFile } from "./experimentFileName";

/** Experiment files, as they are looked at while they are written. */
export const experimentKind: FileKind = {
  pattern: "**/*.experiment.json",
  matches: isExperimentFile,
  async problems(text, file) {
    const { experimentProblems } = await import("./rules");
    return experimentProblems(text, file);
  },
  command: ["experiment", "check"],
};
