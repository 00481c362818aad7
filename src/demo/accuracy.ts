import { harmonicMean } from "../protocol/harmonicMean";
import { targetSplit } from "../protocol/splits";
import type { SplitResult } from "../protocol/events";

/** The name under which runs measure the demo's line drawings. */
export const drawingsName = "drawings";

/** Top-1 accuracies of one model in percent. */
export interface Accuracy {
  base: number;
  novel: number;
  harmonic: number;
  /** Line drawings of all classes, told apart from one another. */
  drawings: number;
}

/** The accuracies that the results of one of the demo's runs tell. */
export function accuracyOf(results: readonly SplitResult[]): Accuracy {
  const of = (split: string): number => results.find((one) => one.split === split)!.accuracy;
  return {
    base: of("base"),
    novel: of("novel"),
    harmonic: harmonicMean(results)!,
    drawings: of(targetSplit(drawingsName)),
  };
}
