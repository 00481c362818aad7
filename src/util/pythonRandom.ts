import { InternalError } from "./errors";

const size = 624;
const middle = 397;

/**
 * CPython's `random.Random`: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with CPython's seeding by
 * integers and its `getrandbits`, `random`, `sample`, `choices` and `shuffle`. The same calls after the same seed give
 * the same values as CPython 3.11 (the algorithms are the same from 3.9 on).
 */
export class PythonRandom {
  private readonly state = new Uint32Array(size);
  private position = size;

  /** `seed` is a non-negative integer of any size; a number must be exact (at most 2^53). */
  constructor(seed: number | bigint) {
    if (typeof seed === "number" ? !Number.isSafeInteger(seed) || seed < 0 : seed < 0n) {
      throw new InternalError(`random seed: must be a non-negative integer, got ${seed}`);
    }
    this.seedByArray(words(BigInt(seed)));
  }

  /** Python's `getrandbits(k)`: an integer in [0, 2^k), for k from 0 to 32. */
  getRandomBits(k: number): number {
    if (!Number.isInteger(k) || k < 0 || k > 32) {
      throw new InternalError(`random bits: from 0 to 32, got ${k}`);
    }
    return k === 0 ? 0 : this.next() >>> (32 - k);
  }

  /** An integer in [0, n), for n from 1 to 2^32 - 1 (Python's `_randbelow`, which `randrange(n)` uses). */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n >= 2 ** 32) {
      throw new InternalError(`random integer: bound from 1 to 2^32 - 1, got ${n}`);
    }
    const bits = 32 - Math.clz32(n);
    let value = this.getRandomBits(bits);
    while (value >= n) value = this.getRandomBits(bits);
    return value;
  }

  /** Python's `random()`: a multiple of 2^-53 in [0, 1). */
  random(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Python's `sample(population, k)`: k different places of the population, in the order drawn. */
  sample<T>(population: readonly T[], k: number): T[] {
    const n = population.length;
    if (!Number.isInteger(k) || k < 0 || k > n) {
      throw new InternalError(`random sample: from 0 to ${n} items, got ${k}`);
    }
    // CPython copies the population where that is smaller than a set of the chosen; the draws differ.
    const setSize = k > 5 ? 21 + 4 ** Math.ceil(Math.log(3 * k) / Math.log(4)) : 21;
    return n <= setSize ? this.sampleFromPool(population, k) : this.sampleBySet(population, k);
  }

  /** Python's `choices(population, k=k)`: k draws with repetition. */
  choices<T>(population: readonly T[], k: number): T[] {
    if (population.length === 0) throw new InternalError("random choices: the population is empty");
    return Array.from(
      { length: k },
      () => population[Math.floor(this.random() * population.length)]!,
    );
  }

  /** Python's `shuffle(items)`, in place. */
  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  }

  private sampleFromPool<T>(population: readonly T[], k: number): T[] {
    const pool = [...population];
    const result: T[] = [];
    for (let i = 0; i < k; i++) {
      const j = this.below(pool.length - i);
      result.push(pool[j]!);
      pool[j] = pool[pool.length - i - 1]!;
    }
    return result;
  }

  private sampleBySet<T>(population: readonly T[], k: number): T[] {
    const chosen = new Set<number>();
    while (chosen.size < k) {
      let j = this.below(population.length);
      while (chosen.has(j)) j = this.below(population.length);
      chosen.add(j);
    }
    return [...chosen].map((j) => population[j]!);
  }

  /** `init_by_array` of the reference implementation. */
  private seedByArray(key: readonly number[]): void {
    const state = this.state;
    this.seedByInteger(19650218);
    let i = 1;
    const scrambled = () => {
      const before = state[i - 1]!;
      return before ^ (before >>> 30);
    };
    const advance = () => {
      i++;
      if (i < size) return;
      state[0] = state[size - 1]!;
      i = 1;
    };
    for (let round = 0, j = 0; round < Math.max(size, key.length); round++) {
      state[i] = (state[i]! ^ Math.imul(scrambled(), 1664525)) + key[j]! + j;
      advance();
      j = (j + 1) % key.length;
    }
    for (let round = 0; round < size - 1; round++) {
      state[i] = (state[i]! ^ Math.imul(scrambled(), 1566083941)) - i;
      advance();
    }
    state[0] = 0x80000000;
    this.position = size;
  }

  /** `init_genrand` of the reference implementation. */
  private seedByInteger(seed: number): void {
    const state = this.state;
    state[0] = seed;
    for (let i = 1; i < size; i++) {
      const before = state[i - 1]!;
      state[i] = Math.imul(before ^ (before >>> 30), 1812433253) + i;
    }
  }

  /** The next 32 random bits, as an unsigned number. */
  private next(): number {
    if (this.position === size) this.regenerate();
    let y = this.state[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private regenerate(): void {
    const state = this.state;
    for (let i = 0; i < size; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
      state[i] = state[(i + middle) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }
}

/** The 32-bit words of an integer, lowest first; one word for 0. */
function words(value: bigint): number[] {
  const result: number[] = [];
  for (let rest = value; rest > 0n || result.length === 0; rest >>= 32n) {
    result.push(Number(rest & 0xffffffffn));
  }
  return result;
}
