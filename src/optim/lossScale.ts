/**
 * What the loss is multiplied by in float16 graphs, so that small gradients do not vanish. It halves when a gradient is
 * not finite (that step is skipped) and doubles after `patience` good steps, as PyTorch's GradScaler does.
 */
export interface LossScale {
  value: number;
  /** Good steps since it last changed. */
  good: number;
}

/** Beyond float16's largest number, 65504, the first product with it would overflow; the logit scale takes its share. */
const [first, largest, patience] = [2 ** 10, 2 ** 15, 2000];

export function initialLossScale(): LossScale {
  return { value: first, good: 0 };
}

export function nextLossScale({ value, good }: LossScale, finite: boolean): LossScale {
  if (!finite) return { value: Math.max(1, value / 2), good: 0 };
  if (good + 1 < patience) return { value, good: good + 1 };
  return { value: Math.min(largest, value * 2), good: 0 };
}
