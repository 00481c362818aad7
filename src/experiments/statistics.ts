/** The mean of numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The population standard deviation of numbers (divided by n), as numpy's `std` has it by default; of equal numbers exactly 0. */
export function populationDeviation(values: readonly number[]): number {
  // Their mean may differ from them by rounding.
  if (values.every((value) => value === values[0])) return 0;
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** H = 2 b n / (b + n); 0 where both are. */
export function harmonic(base: number, novel: number): number {
  return base + novel === 0 ? 0 : (2 * base * novel) / (base + novel);
}

/** The mean where all numbers are known, otherwise null. */
export function meanOfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 && known.length === values.length ? mean(known) : null;
}
