/**
 * The graph: immutable nodes, each of which is the tensor it computes. `apply` is the only maker of nodes and runs the
 * op's type rule, so an ill-shaped graph cannot exist. A program is whatever can be reached backwards from its outputs.
 */

export type DType = "float32" | "float16" | "float64" | "int32" | "int64" | "bool";
export type Shape = readonly number[];

export interface Type {
  dtype: DType;
  shape: Shape;
}

/** One computed (or given) tensor of static shape. */
export interface Tensor extends Type {
  readonly op: AnyOp;
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
  /** Where it was made, e.g. `vision.blocks.3.attention`; part of the node's name in the ONNX file. */
  readonly scope: string;
}

/** What an op looks like in an ONNX file beyond its name and inputs. */
export interface Encoding {
  attributes?: Record<string, number | readonly number[] | string | { float: number }>;
  /** Int64 constants that ONNX takes as further inputs (shapes, axes, starts, ...). */
  parameters?: readonly (readonly number[])[];
}

/**
 * One operator: its ONNX name, its type rule and its gradient (vjp) in one record. `vjp` gets the gradient of the loss
 * with respect to the output and gives one for each input, before broadcasting is undone (the backward walk does that
 * once for all ops); null stands for an input that has no gradient.
 */
export interface Op<Inputs extends readonly Tensor[], Attrs> {
  onnx: string;
  /** ONNX domain; absent for the standard one. */
  domain?: string;
  type: (inputs: Inputs, attrs: Attrs) => Type;
  vjp:
    | ((
        g: Tensor,
        inputs: Inputs,
        out: Tensor,
        attrs: Attrs,
      ) => { [K in keyof Inputs]: Tensor | null })
    | null;
  encode?: (attrs: Attrs, out: Tensor) => Encoding;
  /** Types of the second and further outputs, which `output` names. */
  moreOutputs?: (inputs: Inputs, attrs: Attrs) => Type[];
}

/** An op whose input and attribute types are no longer known, as nodes hold it. */
export interface AnyOp {
  onnx: string;
  domain?: string;
  type: (inputs: never, attrs: never) => Type;
  vjp: ((g: Tensor, inputs: never, out: Tensor, attrs: never) => readonly (Tensor | null)[]) | null;
  encode?: (attrs: never, out: Tensor) => Encoding;
  moreOutputs?: (inputs: never, attrs: never) => Type[];
}

let currentScope = "";

/** Runs `build` with `name` appended to the scope of every node that it makes. */
export function scope<T>(name: string, build: () => T): T {
  const outer = currentScope;
  currentScope = outer === "" ? name : `${outer}.${name}`;
  try {
    return build();
  } finally {
    currentScope = outer;
  }
}

/** Makes the node that applies `op`. A type error names the scope, the op, what it requires and what it was given. */
export function apply<Inputs extends readonly Tensor[], Attrs>(
  op: Op<Inputs, Attrs>,
  inputs: Inputs,
  attrs: Attrs,
): Tensor {
  const { dtype, shape } = op.type(inputs, attrs);
  return Object.freeze({ op, inputs, attrs, dtype, shape, scope: currentScope });
}

/** Fails the building of a graph: `op: requirement, values`, with the scope in front where there is one. */
export function fail(message: string): never {
  throw new TypeError(currentScope === "" ? message : `${currentScope}: ${message}`);
}

/** `float32[4,3]`. */
export function describe({ dtype, shape }: Type): string {
  return `${dtype}[${shape.join(",")}]`;
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** All nodes that `outputs` depend on, inputs before users, each once. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  // An explicit stack: a CLIP with gradients is too deep for recursion.
  const stack: { node: Tensor; next: number }[] = [];
  const visit = (node: Tensor): void => {
    if (!seen.has(node)) {
      seen.add(node);
      stack.push({ node, next: 0 });
    }
  };
  for (const output of outputs) {
    visit(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input !== undefined) visit(input);
      else order.push(stack.pop()!.node);
    }
  }
  return order;
}
