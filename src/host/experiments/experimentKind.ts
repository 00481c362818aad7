import type { FileKind } from "../config/diagnostics";
import { isExperimentFile } from "./experimentFileName";
import type { ExperimentStore } from "./experimentStore";

/** Experiment files, as they are looked at while they are written. */
export const experimentKind: FileKind = {
  pattern: "**/*.experiment.json",
  matches: isExperimentFile,
  async problems(text, file) {
    const { experimentProblems } = await import("./experimentProblems");
    return experimentProblems(text, file);
  },
  command: ["experiment", "check"],
};

/** As `experimentKind`; what is found of the runs in a file is told to the store as well. */
export function experimentKindOf(experiments: ExperimentStore): FileKind {
  return {
    ...experimentKind,
    checked(file, findings) {
      const stale = findings.filter(({ ofStaleRuns }) => ofStaleRuns);
      experiments.noteStale(file, stale.map(({ message }) => message).join("\n"));
    },
  };
}
