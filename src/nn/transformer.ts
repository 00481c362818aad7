import { gelu, quickGelu } from "../graph/compositions";
import { add } from "../graph/ops/elementwise";
import { scope, type Tensor } from "../graph/tensor";
import type { Projected } from "./attention";
import { type Adapter, type Linear, loraLinear, norm, type Norm } from "./linear";

/** The matrices of a block that an adapter can sit on. */
export type Target = "q" | "k" | "v" | "o" | "fc1" | "fc2";
export type BlockAdapters = Partial<Record<Target, Adapter>>;

/** A pre-norm transformer block. */
export interface Block extends Record<Target, Linear> {
  norm1: Norm;
  norm2: Norm;
}

export type Activation = "quick_gelu" | "gelu";

/**
 * x + o(attend(q, k, v of norm1(x))), then + fc2(act(fc1(norm2))). `readout` picks the rows that are wanted of the last
 * block: queries, residual and MLP are computed for those alone, which changes nothing in them.
 */
export function block(
  params: Block,
  adapters: BlockAdapters,
  x: Tensor,
  attend: (rows: Projected) => Tensor,
  activation: Activation,
  readout: (rows: Tensor) => Tensor = (rows) => rows,
): Tensor {
  const attended = scope("attention", () => {
    const h = norm(params.norm1, x);
    const q = loraLinear(params.q, adapters.q, readout(h));
    const k = loraLinear(params.k, adapters.k, h);
    const v = loraLinear(params.v, adapters.v, h);
    return loraLinear(params.o, adapters.o, attend({ q, k, v }));
  });
  const middle = add(readout(x), attended);
  return scope("mlp", () => {
    const h = loraLinear(params.fc1, adapters.fc1, norm(params.norm2, middle));
    const act = activation === "gelu" ? gelu(h) : quickGelu(h);
    return add(middle, loraLinear(params.fc2, adapters.fc2, act));
  });
}
