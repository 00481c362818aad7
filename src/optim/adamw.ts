/** AdamW (arXiv 1711.05101) in float32, operation by operation as torch.optim.AdamW computes it. */

export interface AdamWOptions {
  learningRate: number;
  betas: readonly [number, number];
  epsilon: number;
  weightDecay: number;
}

/** Exponential means of the gradient and of its square, and how many updates were made. */
export interface AdamWState {
  updates: number;
  mean: Float32Array;
  square: Float32Array;
}

/** The state before the first update of `count` parameters. */
export function adamwInit(count: number): AdamWState {
  return { updates: 0, mean: new Float32Array(count), square: new Float32Array(count) };
}

/** One update: new parameters and state; what was given is left as it is. */
export function adamwUpdate(
  theta: Float32Array,
  gradient: Float32Array,
  state: AdamWState,
  { learningRate, betas: [beta1, beta2], epsilon, weightDecay }: AdamWOptions,
): { theta: Float32Array; state: AdamWState } {
  const updates = state.updates + 1;
  const stepSize = learningRate / (1 - beta1 ** updates);
  const correction = Math.sqrt(1 - beta2 ** updates);
  const decay = 1 - learningRate * weightDecay;
  const next = theta.slice();
  const mean = state.mean.slice();
  const square = state.square.slice();
  const { fround } = Math;
  for (let i = 0; i < next.length; i++) {
    const g = gradient[i]!;
    // mean.lerp_(g, 1 - beta1); square.mul_(beta2).addcmul_(g, g, 1 - beta2)
    mean[i]! += fround(fround(1 - beta1) * fround(g - mean[i]!));
    square[i] = fround(square[i]! * beta2) + fround(fround(g * g) * fround(1 - beta2));
    const denominator = fround(fround(Math.sqrt(square[i]!)) / fround(correction)) + epsilon;
    next[i] = fround(next[i]! * decay) - fround(stepSize * fround(mean[i]! / fround(denominator)));
  }
  return { theta: next, state: { updates, mean, square } };
}
