/** Where an exponential moving average stands: its value is `sum / weight`. */
export interface Average {
  sum: number;
  weight: number;
}

/** An average of nothing. */
export function emptyAverage(): Average {
  return { sum: 0, weight: 0 };
}

/**
 * Continues a moving average over rows `from` to `to` of a column into `target`. `smoothing` is the weight of the past;
 * dividing by the sum of the weights makes the first values unbiased. Rows that were not measured (NaN) stay NaN.
 */
export function smoothRows(
  average: Average,
  column: Float64Array,
  target: Float64Array,
  { from, to, smoothing }: { from: number; to: number; smoothing: number },
): void {
  let { sum, weight } = average;
  for (let row = from; row < to; row++) {
    const value = column[row]!;
    if (Number.isNaN(value)) {
      target[row] = NaN;
      continue;
    }
    sum = smoothing * sum + (1 - smoothing) * value;
    weight = smoothing * weight + (1 - smoothing);
    target[row] = sum / weight;
  }
  average.sum = sum;
  average.weight = weight;
}
