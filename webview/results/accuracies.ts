import type { RunView } from "../../src/protocol/page";
import { orderSplits } from "../charts/definitions";

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
export function accuraciesOf({ evaluations }: RunView): SplitAccuracy[] {
  const names = orderSplits([...new Set(evaluations.map(({ split }) => split))]);
  const rows = names.map((split) => {
    const own = evaluations.filter((evaluation) => evaluation.split === split);
    const all = own.map(({ step, zeroShot, accuracy, correct, total }) => ({
      zeroShot,
      measured: { step, accuracy, counts: { correct, total } },
    }));
    return summary(split, all);
  });
  const harmonic = harmonicRow(evaluations);
  if (!harmonic) return rows;
  const after = rows.findIndex(({ split }) => split === "novel") + 1;
  return [...rows.slice(0, after), harmonic, ...rows.slice(after)];
}

/** What a run is known by: the harmonic mean, or else the accuracy on all classes, or else on its first split. */
export function headline(run: RunView): SplitAccuracy | undefined {
  const rows = accuraciesOf(run);
  const of = (name: string): SplitAccuracy | undefined => rows.find(({ split }) => split === name);
  return of("harmonic") ?? of("all") ?? rows[0];
}

function summary(split: string, all: { zeroShot: boolean; measured: Measured }[]): SplitAccuracy {
  const adapted = all.filter(({ zeroShot }) => !zeroShot).map(({ measured }) => measured);
  const ordered = adapted.sort((a, b) => a.step - b.step);
  return {
    split,
    last: ordered.at(-1) ?? null,
    zeroShot: all.find(({ zeroShot }) => zeroShot)?.measured ?? null,
    best: ordered.reduce<Measured | null>(
      (best, measured) => (best && best.accuracy >= measured.accuracy ? best : measured),
      null,
    ),
  };
}

function harmonicRow(evaluations: RunView["evaluations"]): SplitAccuracy | null {
  const base = evaluations.filter(({ split }) => split === "base");
  const all = base.flatMap(({ step, zeroShot, accuracy }) => {
    const novel = evaluations.find(
      (other) => other.split === "novel" && other.step === step && other.zeroShot === zeroShot,
    );
    if (!novel) return [];
    const sum = accuracy + novel.accuracy;
    const mean = sum === 0 ? 0 : (2 * accuracy * novel.accuracy) / sum;
    return [{ zeroShot, measured: { step, accuracy: mean, counts: null } }];
  });
  return all.length > 0 ? summary("harmonic", all) : null;
}
