import { withGradient } from "./gradients";
import { scalar } from "./leaves";
import { add, div, erf, exp, log, mul, sigmoid, sqrt, stopGradient, sub } from "./ops/elementwise";
import { reduceMax, reduceSum } from "./ops/reduce";
import { reshape } from "./ops/shape";
import { describe, fail, sameShape, type Tensor } from "./tensor";

/** log(sum(exp(x))) over the last axis, shifted by its maximum so that nothing overflows: [..., n] -> [...]. */
export function logSumExp(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  const peak = stopGradient(reduceMax(x, [last], true));
  const sum = reduceSum(exp(sub(x, peak)), [last], true);
  return reshape(add(log(sum), peak), x.shape.slice(0, -1));
}

/**
 * Cross-entropy of logits [B, K] against weighted targets [B, K]: sum_b (sum_k t_bk) logsumexp_b - sum_bk t_bk x_bk.
 * Targets that hold 1/B at each row's class give the batch mean; a row of zeros is padding and counts for nothing.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  if (logits.shape.length !== 2 || !sameShape(logits.shape, targets.shape))
    fail(
      `softmaxCrossEntropy: targets like the logits, ${describe(logits)} with ${describe(targets)}`,
    );
  const weights = reduceSum(targets, [1]);
  return sub(
    reduceSum(mul(weights, logSumExp(logits)), [0]),
    reduceSum(mul(targets, logits), [0, 1]),
  );
}

/**
 * x * sigmoid(1.702 x), the GELU of OpenAI's CLIP, as z sigmoid(z) / 1.702 with z = 1.702 x: both factors then move into
 * the matrix products before and after it.
 */
export function quickGelu(x: Tensor): Tensor {
  const z = mul(x, scalar(1.702, x));
  const s = sigmoid(z);
  const y = mul(z, s);
  // dy/dz = s + y - y s: four passes over memory where the walk would make seven.
  const silu = withGradient(y, [z], (g) => [mul(g, add(s, sub(y, mul(y, s))))]);
  return mul(silu, scalar(1 / 1.702, x));
}

/** x * Phi(x), the exact GELU. */
export function gelu(x: Tensor): Tensor {
  const phi = add(erf(mul(x, scalar(Math.SQRT1_2, x))), scalar(1, x));
  return mul(mul(x, scalar(0.5, x)), phi);
}

/** x / ||x||_2 over the last axis. CLIP divides without an epsilon, and so does this. */
export function l2Normalise(x: Tensor): Tensor {
  return div(x, sqrt(reduceSum(mul(x, x), [x.shape.length - 1], true)));
}
