import { harmonicMean } from "./harmonicMean";

/** The best accuracy of a run: of both halves (H) where both are measured, otherwise of all classes. Percent. */
export interface Best {
  label: "H" | "all";
  accuracy: number;
  step: number;
}

interface Measured {
  step: number;
  split: string;
  accuracy: number;
  zeroShot: boolean;
}

/** The best of a run's evaluations after training began; of equal ones the first. */
export function bestOf(evaluations: readonly Measured[]): Best | null {
  const adapted = evaluations.filter(({ zeroShot }) => !zeroShot);
  const steps = [...new Set(adapted.map(({ step }) => step))];
  const found = steps.flatMap((step): Best[] => {
    const results = adapted.filter((each) => each.step === step);
    const mean = harmonicMean(results);
    if (mean !== null) return [{ label: "H", accuracy: mean, step }];
    const all = results.find(({ split }) => split === "all");
    return all ? [{ label: "all", accuracy: all.accuracy, step }] : [];
  });
  return found.reduce<Best | null>((a, b) => (a && a.accuracy >= b.accuracy ? a : b), null);
}
