/** GLAD's regularised gradient (arXiv 2507.13089, method.md section 3). Vectors are all LoRA parameters as one. */

/** Euclidean norm, summed in float64. */
export function norm(v: Float32Array): number {
  let sum = 0;
  for (const x of v) sum += x * x;
  return Math.sqrt(sum);
}

/** cos(a, b); 0 where one of them is 0. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const lengths = norm(a) * norm(b);
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}

/** theta + rho g / (||g|| + 1e-12): where SAM takes its gradient. */
export function perturbed(theta: Float32Array, g: Float32Array, rho: number): Float32Array {
  const scale = rho / (norm(g) + 1e-12);
  return theta.map((x, i) => x + scale * g[i]!);
}

/** g_f = (1 - alpha) g + alpha g': on the segment between the task's gradient and SAM's. */
export function regularised(g: Float32Array, sam: Float32Array, alpha: number): Float32Array {
  return g.map((x, i) => (1 - alpha) * x + alpha * sam[i]!);
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
  return { direction: sam.map((x, i) => x - along * g[i]!), norm: Math.sqrt(squared) };
}

/** The SAM gradient that a step without a second pass assumes: g plus the kept part, rescaled to the present ||g||. */
export function reusedSam(g: Float32Array, kept: FlatPart): Float32Array {
  const scale = kept.norm === 0 ? 0 : norm(g) / kept.norm;
  return g.map((x, i) => x + scale * kept.direction[i]!);
}

/** g shortened to `limit` where it is longer, as torch.nn.utils.clip_grad_norm_ does. */
export function clipped(g: Float32Array, limit: number): Float32Array {
  const scale = Math.min(1, limit / (norm(g) + 1e-6));
  return scale === 1 ? g : g.map((x) => x * scale);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
