import { uniform } from "../util/hash";

/** Numbers drawn one after the other that are a function of the integers it began with. */
export class RandomStream {
  private count = 0;
  private readonly key: readonly number[];

  constructor(...key: number[]) {
    this.key = key;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * uniform(...this.key, this.count++);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.between(0, 1) < p;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.between(0, n));
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** The items in a random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}
