import { describe, expect, test } from "vitest";
import { input } from "../../src/graph/leaves";
import { plainDialect, toOnnx } from "../../src/graph/onnx";
import { matmul } from "../../src/graph/ops/linear";
import { type HostTensor, openSession } from "../../src/runtime/session";
import { hasSwiftShader, swiftShader } from "./builtProbe";

process.env.VK_DRIVER_FILES = swiftShader;

const product = matmul(input("a", "float32", [2, 3]), input("b", "float32", [2, 3]), {
  transB: true,
});
const matrix = (...values: number[]): HostTensor => ({
  dtype: "float32",
  shape: [2, 3],
  data: Float32Array.from(values),
});
const feeds = { a: matrix(1, 2, 3, 4, 5, 6), b: matrix(1, 0, 0, 0, 1, 1) };

test("a provider that onnxruntime does not have is refused, not replaced by the CPU", async () => {
  const device = { kind: process.platform === "win32" ? "cuda" : "dml", index: 0 } as const;
  await expect(openSession(toOnnx({ y: product }, plainDialect), { device })).rejects.toThrow(
    /^device "(dml|cuda:0)": onnxruntime for \S+ \S+ has only cpu, .*; set "device" to one of them/,
  );
});

test("wrong feeds stay onnxruntime's errors", async () => {
  const session = await openSession(toOnnx({ y: product }, plainDialect), {
    device: { kind: "cpu" },
  });
  await expect(session.run({ a: feeds.a })).rejects.toThrow(/'b' is missing/);
  await session.release();
});

describe.runIf(hasSwiftShader("sessions on WebGPU"))("on WebGPU", () => {
  const device = { kind: "webgpu" } as const;

  test("computes", async () => {
    const session = await openSession(toOnnx({ y: product }, plainDialect), { device });
    const { y } = await session.run(feeds);
    expect(y).toMatchObject({ dtype: "float32", shape: [2, 2] });
    expect([...y!.data]).toEqual([1, 5, 4, 11]);
    await session.release();
  });

  test("a node that only the CPU has is refused by default", async () => {
    const fused = toOnnx({ y: product }, { ...plainDialect, fusedMatMul: true });
    await expect(openSession(fused, { device })).rejects.toThrow(
      /nodes that are assigned to the default CPU EP, but fallback .* disabled/,
    );
  });

  test("wrong feeds after a good run do not pass for a lost device", async () => {
    const session = await openSession(toOnnx({ y: product }, plainDialect), { device });
    await session.run(feeds);
    const wrong: HostTensor = { dtype: "float32", shape: [1, 3], data: new Float32Array(3) };
    await expect(session.run({ ...feeds, a: wrong })).rejects.toMatchObject({ name: "Error" });
    await expect(session.run({ a: feeds.a })).rejects.toMatchObject({ name: "Error" });
    await session.release();
    await expect(session.run(feeds)).rejects.toMatchObject({ name: "Error" });
  });
});
