import * as ort from "onnxruntime-node";

/** Values of a tensor as the engine takes and gives them. */
export type TensorData =
  Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor outside a graph. float16 lies in a Uint16Array as raw bits, bool in a Uint8Array. */
export interface HostTensor {
  dtype: "float32" | "float64" | "float16" | "int32" | "int64" | "bool";
  shape: readonly number[];
  data: TensorData;
}

export interface SessionOptions {
  /** An execution provider that the probe confirmed; see `devices.ts`. */
  device: Device;
  /** Folder that external weights are relative to. */
  weightsFolder?: string;
  /** Threads of one operator; 0 for one per core. */
  threads?: number;
  /** "basic" is needed for float64 graphs (a later level fuses Sigmoid and Mul into a float-only QuickGelu). */
  optimisation?: "disabled" | "basic" | "extended" | "all";
  /** Refuse to open when a node would run on the CPU instead of `device`. */
  refuseCpuFallback?: boolean;
}

export type Device =
  | { kind: "cpu" }
  | { kind: "webgpu" }
  | { kind: "cuda"; index: number }
  | { kind: "dml"; index: number };

export interface Session {
  run(feeds: Record<string, HostTensor>): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/** Opens a session on serialised ONNX bytes. The settings are the measured ones: no memory pattern, no prepacking. */
export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider(options.device)],
    graphOptimizationLevel: options.optimisation ?? "all",
    intraOpNumThreads: options.threads ?? 0,
    interOpNumThreads: 1,
    // The pattern planner nearly doubles memory from the second step on.
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: {
      session: {
        // Prepacking would copy the weights, which are mapped from the snapshot's file.
        disable_prepacking: "1",
        ...(options.refuseCpuFallback ? { disable_cpu_ep_fallback: "1" } : {}),
        ...(options.weightsFolder
          ? { model_external_initializers_file_folder_path: options.weightsFolder }
          : {}),
      },
    },
  });
  return {
    async run(feeds) {
      const inputs: Record<string, ort.Tensor> = {};
      for (const [name, { dtype, data, shape }] of Object.entries(feeds))
        inputs[name] = new ort.Tensor(dtype, data as never, shape as number[]);
      const outputs = await session.run(inputs);
      const results: Record<string, HostTensor> = {};
      for (const name of session.outputNames) {
        const output = outputs[name]!;
        results[name] = {
          dtype: output.type as HostTensor["dtype"],
          shape: output.dims,
          data: output.data as TensorData,
        };
      }
      return results;
    },
    release: () => session.release(),
  };
}

function provider(device: Device): ort.InferenceSession.ExecutionProviderConfig {
  switch (device.kind) {
    case "cpu":
    case "webgpu":
      return device.kind;
    case "cuda":
    case "dml":
      return {
        name: device.kind,
        deviceId: device.index,
      } as ort.InferenceSession.ExecutionProviderConfig;
  }
}
