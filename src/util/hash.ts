/**
 * A counter-based generator: every random number of a run is a pure function of integers (seed, step, sample, place),
 * never of time, threads or what was drawn before (method.md section 4). The mixing is MurmurHash3's (Appleby, public
 * domain): one round per integer and its finaliser, which passes the usual tests of avalanche and uniformity.
 */

/** Takes one more integer into a hash that is being built; begin with any integer, end with `finish`. */
export function mix(state: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = state ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** The 32 random bits of a finished hash, as an unsigned number. */
export function finish(state: number): number {
  let h = state ^ (state >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 random bits as a function of integers. */
export function hash32(...integers: number[]): number {
  let state = integers.length;
  for (const integer of integers) state = mix(state, integer);
  return finish(state);
}

/** A number in [0, 1) as a function of integers; a multiple of 2^-32. */
export function uniform(...integers: number[]): number {
  return hash32(...integers) / 2 ** 32;
}
