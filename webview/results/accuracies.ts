import type { RunView } from "../../src/protocol/page";
import { orderSplits } from "../charts/definitions";
import { type DrawnEvaluation, evaluationsOf } from "../charts/evaluations";

/** Accuracy of one split, or the harmonic mean of base and novel, in percent; counts where it was counted. */
export interface Measured {
  step: number;
  accuracy: number;
  counts: { correct: number; total: number } | null;
}

/** What a run reached on one split. */
export interface SplitAccuracy {
  split: string;
  last: Measured | null;
  zeroShot: Measured | null;
  /** The highest accuracy of all evaluations, the earliest of equals. */
  best: Measured | null;
}

/** The accuracies of a run per split, with the harmonic mean after base and novel. */
export function accuraciesOf(run: RunView): SplitAccuracy[] {
  const all = evaluationsOf(run);
  return orderSplits([...new Set(all.map(({ split }) => split))]).map((split) =>
    summary(
      split,
      all.filter((evaluation) => evaluation.split === split),
    ),
  );
}

/** What a run is known by: the harmonic mean, or else the accuracy on all classes, or else on its first split. */
export function headline(run: RunView): SplitAccuracy | undefined {
  const rows = accuraciesOf(run);
  const of = (name: string): SplitAccuracy | undefined => rows.find(({ split }) => split === name);
  return of("harmonic") ?? of("all") ?? rows[0];
}

function summary(split: string, all: readonly DrawnEvaluation[]): SplitAccuracy {
  const ordered = all.filter(({ zeroShot }) => !zeroShot).toSorted((a, b) => a.step - b.step);
  return {
    split,
    last: ordered.at(-1) ?? null,
    zeroShot: all.find(({ zeroShot }) => zeroShot) ?? null,
    best: ordered.reduce<Measured | null>(
      (best, measured) => (best && best.accuracy >= measured.accuracy ? best : measured),
      null,
    ),
  };
}
