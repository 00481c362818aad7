/**
 * GLAD's regularised gradient (arXiv 2507.13089, method.md section 3). Vectors are all LoRA parameters as one. Plain loops: on a
 * small model what the engine does not compute is mostly this.
 */

/** Euclidean norm, summed in float64. */
export function norm(v: Float32Array): number {
  return Math.sqrt(dot(v, v));
}

/** cos(a, b), 0 where one of them is 0; `lengths` is ||a|| ||b|| where the caller knows it. */
export function cosine(a: Float32Array, b: Float32Array, lengths = norm(a) * norm(b)): number {
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}

/** theta + rho g / (||g|| + 1e-12): where SAM takes its gradient; `length` is ||g|| where the caller knows it. */
export function perturbed(
  theta: Float32Array,
  g: Float32Array,
  rho: number,
  length = norm(g),
): Float32Array {
  return weighted(1, theta, rho / (length + 1e-12), g);
}

/** g_f = (1 - alpha) g + alpha g': on the segment between the task's gradient and SAM's. */
export function regularised(g: Float32Array, sam: Float32Array, alpha: number): Float32Array {
  return weighted(1 - alpha, g, alpha, sam);
}

/** What glad.period keeps of a SAM gradient: its part orthogonal to g, and the norm that g had. */
export interface FlatPart {
  direction: Float32Array;
  /** ||g|| of the step that it was computed on. */
  norm: number;
}

/** The part of g' orthogonal to g (LookSAM, arXiv 2203.02714, equation 6). */
export function flatPart(g: Float32Array, sam: Float32Array): FlatPart {
  const squared = dot(g, g);
  const along = squared === 0 ? 0 : dot(g, sam) / squared;
  return { direction: weighted(1, sam, -along, g), norm: Math.sqrt(squared) };
}

/** The SAM gradient that a step without a second pass assumes: g plus the kept part, rescaled to the present ||g||. */
export function reusedSam(g: Float32Array, kept: FlatPart): Float32Array {
  const scale = kept.norm === 0 ? 0 : norm(g) / kept.norm;
  return weighted(1, g, scale, kept.direction);
}

/** g shortened to `limit` where it is longer, as torch.nn.utils.clip_grad_norm_ does. */
export function clipped(g: Float32Array, limit: number): Float32Array {
  const scale = Math.min(1, limit / (norm(g) + 1e-6));
  return scale === 1 ? g : g.map((x) => x * scale);
}

/** a x + b y, computed in float64 and rounded once. */
function weighted(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const sum = new Float32Array(x.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a * x[i]! + b * y[i]!;
  return sum;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
