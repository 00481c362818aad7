import { type ConstantData, External, type ExternalBytes, Input, isLeaf } from "./leaves";
import { fuse } from "./fuse";
import { matmulFlags, plainFactors } from "./ops/linear";
import { onnxType } from "./ops/elementwise";
import { outputIndex } from "./ops/reduce";
import { encodeModel } from "./proto";
import { type DType, type Encoding, type Tensor, topologicalOrder, type Type } from "./tensor";

/** What the provider that will run the graph has beyond standard ONNX. */
export interface Dialect {
  /** FusedMatMul of com.microsoft; WebGPU has none, and on the CPU it has no float64 form. */
  fusedMatMul: boolean;
}

export const plainDialect: Dialect = { fusedMatMul: false };

/** Opset 20 has every standard op used here, in a version that all providers implement. */
const opset = 20;

/**
 * Serialises the program that computes `outputs` to ONNX bytes. Inputs and outputs keep their names; nodes are named
 * after their scope. Nodes without users are written last, in the order of `outputs`: onnxruntime runs what the last
 * of them needs first, so the caller lists what should be ready (and its memory released) first at the end.
 */
export function toOnnx(outputs: Record<string, Tensor>, dialect: Dialect): Uint8Array {
  const writer = new Writer(dialect);
  const lowered = new Map<Tensor, Tensor>();
  const targets = Object.entries(fuse(outputs)).map(
    ([name, node]) => [name, dialect.fusedMatMul ? node : lower(node, lowered)] as const,
  );
  const nodes = topologicalOrder(targets.map(([, node]) => node).reverse());
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const order = [
    ...nodes.filter((node) => used.has(node) || isLeaf(node)),
    ...targets
      .map(([, node]) => node)
      .filter((node, i, all) => !used.has(node) && !isLeaf(node) && all.indexOf(node) === i),
  ];
  // The last name wins where a node is given twice; `name` gives the others a copy.
  const given = new Map(targets.map(([name, node]) => [node, name]));
  for (const node of order) writer.write(node, given.get(node));
  for (const [name, node] of targets) writer.name(name, node);
  return writer.finish();
}

/** The same program with every flagged MatMul spelt out; nodes that do not change are shared. */
function lower(root: Tensor, done: Map<Tensor, Tensor>): Tensor {
  for (const node of topologicalOrder([root])) {
    if (done.has(node)) continue;
    const inputs = node.inputs.map((input) => done.get(input)!);
    const changed = inputs.some((input, i) => input !== node.inputs[i]);
    const copy: Tensor = changed ? Object.freeze({ ...node, inputs }) : node;
    const flags = matmulFlags(copy);
    if (flags === null || (!flags.transA && !flags.transB)) done.set(node, copy);
    else
      done.set(
        node,
        Object.freeze({
          ...copy,
          inputs: plainFactors(copy),
          attrs: { transA: false, transB: false },
        }),
      );
  }
  return done.get(root)!;
}

class Writer {
  private readonly names = new Map<Tensor, string>();
  private readonly constants = new Map<string, string>();
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];
  private count = 0;

  constructor(private readonly dialect: Dialect) {}

  /** Writes a node; its value is called `name` where it is an operation's. */
  write(node: Tensor, name?: string): void {
    this.names.set(
      node,
      isLeaf(node) ? this.leaf(node) : (this.alias(node) ?? this.operation(node, name)),
    );
  }

  /** The name of a node that computes nothing itself: a further output, or a value with its own gradient. */
  private alias(node: Tensor): string | null {
    const source = this.names.get(node.inputs[0]!)!;
    const index = outputIndex(node);
    if (index !== null) return `${source}#${index}`;
    return node.op.onnx === "#alias" ? source : null;
  }

  /** Makes `node` the output `name`. */
  name(name: string, node: Tensor): void {
    const value = this.names.get(node)!;
    if (value !== name)
      this.nodes.push({
        opType: "Identity",
        name: `output/${name}`,
        input: [value],
        output: [name],
      });
    this.outputs.push(valueInfo(name, node));
  }

  finish(): Uint8Array {
    return encodeModel({
      irVersion: 9,
      producerName: "glad",
      opsetImport: [
        { domain: "", version: opset },
        { domain: "com.microsoft", version: 1 },
      ],
      graph: {
        name: "glad",
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
    });
  }

  private leaf(node: Tensor): string {
    if (node.op === (Input as unknown)) {
      const { name } = node.attrs as { name: string };
      this.inputs.push(valueInfo(name, node));
      return name;
    }
    if (node.op === (External as unknown)) {
      const { name, bytes } = node.attrs as { name: string; bytes: ExternalBytes };
      this.initializers.push({
        ...tensorHeader(name, node),
        dataLocation: 1,
        externalData: Object.entries(bytes).map(([key, value]) => ({ key, value: String(value) })),
      });
      return name;
    }
    const { data } = node.attrs as { data: ConstantData };
    return this.constant(node, data);
  }

  private operation(node: Tensor, name?: string): string {
    const encoding = node.op.encode?.(node.attrs as never, node) ?? {};
    const place = `${node.scope}/${node.op.onnx}_${this.count++}`;
    const output = name ?? place;
    const flags = matmulFlags(node);
    const fused = flags !== null && this.dialect.fusedMatMul && (flags.transA || flags.transB);
    const attributes = fused
      ? { transA: +flags.transA, transB: +flags.transB }
      : encoding.attributes;
    const parameters = (encoding.parameters ?? []).map((values) =>
      this.constant({ dtype: "int64", shape: [values.length] }, BigInt64Array.from(values, BigInt)),
    );
    const more = node.op.moreOutputs?.(node.inputs as never, node.attrs as never) ?? [];
    this.nodes.push({
      opType: fused ? "FusedMatMul" : node.op.onnx,
      domain: fused ? "com.microsoft" : (node.op.domain ?? ""),
      name: place,
      input: [...node.inputs.map((input) => this.names.get(input)!), ...parameters],
      output: [output, ...more.map((_, i) => `${output}#${i + 1}`)],
      attribute: Object.entries(attributes ?? {}).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  /** Equal small constants are stored once. */
  private constant(type: Type, data: ConstantData): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${type.dtype}[${type.shape.join(",")}]${rawData.length <= 64 ? rawData.join(",") : ` ${this.count++}`}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.constants.size}`;
    this.constants.set(key, name);
    this.initializers.push({ ...tensorHeader(name, type), rawData });
    return name;
  }
}

function tensorHeader(name: string, { dtype, shape }: Type): object {
  return { name, dims: shape, dataType: onnxType[dtype] };
}

function valueInfo(
  name: string,
  { dtype, shape }: { dtype: DType; shape: readonly number[] },
): object {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: onnxType[dtype], shape: { dim } } } };
}

/** AttributeProto types: 1 float, 2 int, 3 string, 7 ints. */
function attribute(name: string, value: NonNullable<Encoding["attributes"]>[string]): object {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
}
