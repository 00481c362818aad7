import { finish, hash32, mix } from "../util/hash";

/**
 * LoRA dropout that every provider draws alike and that can be resumed anywhere. For each step a pool of `poolRows`
 * random mask rows is drawn for each input width; the mask of a token is the pool row that
 * hash(seed, step, sample, site, token) names. The graph only copies rows (Gather), so masks agree to the bit on every
 * provider, and they depend neither on the micro-batch nor on threads. Rows of a pool are independent draws and the pool
 * is new in every step, so two features, or two tokens, are correlated over training only as far as two tokens of one
 * step happen to share a row (1 in `poolRows`).
 */
export const poolRows = 2048;

/** What makes a pool's draws differ from those of rows. */
const poolStream = 0x706f6f6c;

/**
 * The pool of one step for one width, [poolRows, width]: 0 with probability p, else 1 / (1 - p). p is rounded to a
 * multiple of 2^-16, and the kept value matches the rounded p, so the expectation is exactly 1.
 */
export function dropoutPool(seed: number, step: number, width: number, p: number): Float32Array {
  const threshold = Math.round(p * 0x10000);
  const pool = new Float32Array(poolRows * width);
  // Written as the bits of 0 or of the kept value, without branches: a processor would guess wrong at every random one.
  const values = new Int32Array(pool.buffer);
  const kept = new Int32Array(Float32Array.of(0x10000 / (0x10000 - threshold)).buffer)[0]!;
  let state = hash32(poolStream, seed, step, width);
  // poolRows is even, so a pool is made of pairs.
  for (let i = 0; i < values.length; i += 2) {
    // Weyl sequence through the finaliser: one 32-bit draw makes two elements.
    state = (state + 0x9e3779b9) | 0;
    const bits = finish(state);
    // The difference is negative, and its sign all ones, where the element is dropped.
    values[i] = kept & ~(((bits & 0xffff) - threshold) >> 31);
    values[i + 1] = kept & ~(((bits >>> 16) - threshold) >> 31);
  }
  return pool;
}

/**
 * The pool rows of one site's tokens: for each sample in turn its tokens 0 to `tokens` - 1, of which all samples have equally
 * many or each its own number. `samples` are ids that name a sample for the whole run, `site` is the adapted matrix's number.
 */
export function dropoutRows(
  draw: { seed: number; step: number },
  site: number,
  samples: ArrayLike<number>,
  tokens: number | Int32Array,
): Int32Array {
  const equal = typeof tokens === "number";
  const total = equal ? samples.length * tokens : tokens.reduce((sum, n) => sum + n, 0);
  const rows = new Int32Array(total);
  const start = mix(mix(mix(5, draw.seed), draw.step), site);
  let row = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = mix(start, samples[i]!);
    const own = equal ? tokens : tokens[i]!;
    for (let t = 0; t < own; t++) rows[row++] = finish(mix(sample, t)) % poolRows;
  }
  return rows;
}
