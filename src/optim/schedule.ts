export interface Schedule {
  learningRate: number;
  minLearningRate: number;
  warmupSteps: number;
  steps: number;
}

/**
 * Learning rate of the update with this number (from 0): linear warm-up, then the closed form of torch's
 * CosineAnnealingLR from `learningRate` to `minLearningRate` over the remaining steps.
 */
export function learningRateAt(
  update: number,
  { learningRate, minLearningRate, warmupSteps, steps }: Schedule,
): number {
  if (update < warmupSteps) return (learningRate * (update + 1)) / (warmupSteps + 1);
  const progress = (update - warmupSteps) / Math.max(1, steps - warmupSteps);
  return (
    minLearningRate + ((learningRate - minLearningRate) * (1 + Math.cos(Math.PI * progress))) / 2
  );
}
