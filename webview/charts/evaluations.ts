import { harmonicMean } from "../../src/protocol/harmonicMean";
import type { EvaluationView, RunView } from "../../src/protocol/page";

/** An accuracy as it is shown; of the harmonic mean nothing was counted. */
export type DrawnEvaluation = Omit<EvaluationView, "correct" | "total"> & {
  counts: { correct: number; total: number } | null;
};

const made = new WeakMap<readonly EvaluationView[], DrawnEvaluation[]>();

/** The evaluations of a run, with the harmonic mean of base and novel classes wherever both were measured. */
export function evaluationsOf({ evaluations }: RunView): DrawnEvaluation[] {
  let found = made.get(evaluations);
  if (found) return found;
  const counted = evaluations.map(({ correct, total, ...rest }) => ({
    ...rest,
    counts: { correct, total },
  }));
  made.set(evaluations, (found = [...counted, ...harmonicMeans(evaluations)]));
  return found;
}

function harmonicMeans(evaluations: readonly EvaluationView[]): DrawnEvaluation[] {
  return evaluations
    .filter(({ split }) => split === "base")
    .flatMap(({ step, seconds, zeroShot }) => {
      const beside = evaluations.filter(
        (other) => other.step === step && other.zeroShot === zeroShot,
      );
      const accuracy = harmonicMean(beside);
      return accuracy === null
        ? []
        : [{ step, seconds, zeroShot, split: "harmonic", accuracy, counts: null }];
    });
}
