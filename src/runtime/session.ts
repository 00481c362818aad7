import * as ort from "onnxruntime-node";
import { InternalError, messageOf, UserError } from "../util/errors";
import { nativeReason } from "../util/nativeReason";
import { type Device, deviceName } from "./device";
import { DeviceLostError, isDeviceLoss } from "./deviceLost";

export type { Device } from "./device";

// From 1.29 on, onnxruntime on Linux and macOS sends what models are opened, and how they run, to its makers, and keeps
// an identifier in the user's cache. It decides when the first session is opened; nobody's training is reported.
process.env.ORT_DISABLE_TELEMETRY ??= "1";

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
  /** An execution provider that the probe confirmed; see `chooseDevice`. */
  device: Device;
  /** Folder that external weights are relative to. */
  weightsFolder?: string;
  /** Threads of one operator; 0 for one per core. */
  threads?: number;
  /** "basic" is needed for float64 graphs (a later level fuses Sigmoid and Mul into a float-only QuickGelu). */
  optimisation?: "disabled" | "basic" | "extended" | "all";
  /**
   * Refuse to open when a node would run on the CPU instead of `device`. True by default on WebGPU, where our graphs
   * are tested to have no such node; CUDA and DirectML keep small integer work on the CPU by design.
   */
  refuseCpuFallback?: boolean;
  /**
   * Let onnxruntime keep constant matrices in the layout of its products, in memory of their own. Without it they stay
   * mapped from their file, and every product brings them into that layout anew.
   */
  packWeights?: boolean;
}

export interface Session {
  /**
   * Computes the outputs; those that `into` names are written there. Feeds that the graph has no input for are left out. A GPU
   * that fails under a graph that has run before throws `DeviceLostError`.
   */
  run(
    feeds: Record<string, HostTensor>,
    into?: Record<string, HostTensor>,
  ): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/** Opens a session on serialised ONNX bytes. The settings are the measured ones. */
export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const { device } = options;
  requireBackend(device);
  const session = await create(model, options);
  const known = new Set(session.inputNames);
  let ran = false;
  return {
    async run(feeds, into = {}) {
      const inputs = Object.fromEntries(
        Object.entries(feeds)
          .filter(([name]) => known.has(name))
          .map(([name, value]) => [name, tensorOf(value)]),
      );
      const fetches = Object.fromEntries(
        session.outputNames.map((name) => [name, into[name] ? tensorOf(into[name]) : null]),
      );
      let outputs: ort.InferenceSession.OnnxValueMapType;
      try {
        outputs = await session.run(inputs, fetches);
      } catch (error) {
        const message = messageOf(error);
        if (isDeviceLoss(device, message, ran)) throw new DeviceLostError(device, message);
        throw error;
      }
      ran = true;
      const results: Record<string, HostTensor> = {};
      for (const name of session.outputNames) {
        if (into[name]) continue;
        const output = outputs[name];
        if (!(output instanceof ort.Tensor))
          throw new InternalError(`session: a tensor for every output, ${name} is none`);
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

function tensorOf({ dtype, data, shape }: HostTensor): ort.Tensor {
  return new ort.Tensor(dtype, data, shape);
}

/** Providers that this onnxruntime can open where their libraries and drivers are present. */
export function supportedBackends(): string[] {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  return names.filter((name) => ["cpu", "webgpu", "cuda", "dml"].includes(name));
}

/** onnxruntime gives a session on the CPU, with no more than a warning, where it does not know a provider. */
function requireBackend(device: Device): void {
  const known = supportedBackends();
  if (!known.includes(device.kind))
    throw new UserError(
      `device "${deviceName(device)}": onnxruntime for ${process.platform} ${process.arch} has ` +
        `only ${known.join(", ")}; set "device" to one of them or to "auto"`,
    );
}

async function create(model: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  const { device, refuseCpuFallback = device.kind === "webgpu" } = options;
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: [provider(device)],
      graphOptimizationLevel: options.optimisation ?? "all",
      intraOpNumThreads: options.threads ?? 0,
      interOpNumThreads: 1,
      // The pattern planner nearly doubles memory from the second step on.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          // Each session has threads of its own. Those of one that is done must not go on spinning beside the next one's, the
          // image workers and the editor (the demo's step takes 31 ms in place of 55); within a run a short wait is spun through.
          force_spinning_stop: "1",
          "intra_op.spin_duration_us": "200",
          disable_prepacking: options.packWeights ? "0" : "1",
          ...(refuseCpuFallback ? { disable_cpu_ep_fallback: "1" } : {}),
          ...(options.weightsFolder
            ? { model_external_initializers_file_folder_path: options.weightsFolder }
            : {}),
        },
      },
    });
  } catch (error) {
    const message = messageOf(error);
    const reason = nativeReason(message);
    if (device.kind === "cpu" || reason === null) throw error;
    throw new UserError(
      `device "${deviceName(device)}" cannot be opened: ${reason}; \`glad doctor\` says what is missing`,
    );
  }
}

function provider(device: Device): ort.InferenceSession.ExecutionProviderConfig {
  switch (device.kind) {
    case "cpu":
    case "webgpu":
      return device.kind;
    case "cuda":
    case "dml":
      return { name: device.kind, deviceId: device.index };
  }
}
