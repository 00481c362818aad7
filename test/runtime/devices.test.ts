import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deviceName, parseDevice } from "../../src/runtime/device";
import { chooseAutomatically, chooseDevice } from "../../src/runtime/devices";
import { type Probed, probeDevices } from "../../src/runtime/probe";
import { UserError } from "../../src/util/errors";
import { builtProbe, hasSwiftShader, swiftShader } from "./builtProbe";

const program = builtProbe("devices");
const onSwiftShader = hasSwiftShader("the probe of a GPU emulated in software");
const cuda = { kind: "cuda", index: 0 } as const;
const webgpu = { kind: "webgpu" } as const;
const cpu = { kind: "cpu" } as const;
const linux = process.platform === "linux" && process.arch === "x64";
/** Without any Vulkan driver, whatever this machine has. */
const noVulkan = {
  ...process.env,
  VK_DRIVER_FILES: "/nowhere.json",
  VK_ICD_FILENAMES: "/nowhere.json",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glad-devices-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A child program of one line in place of the probe. */
function child(source: string): string {
  const path = join(folder, "child.cjs");
  writeFileSync(path, source);
  return path;
}

test("names", () => {
  for (const name of ["cpu", "webgpu", "cuda:0", "cuda:3", "dml"])
    expect(deviceName(parseDevice(name)!)).toBe(name);
  expect(parseDevice("cuda")).toEqual(cuda);
  expect(parseDevice("auto")).toBeNull();
  expect(() => parseDevice("gpu")).toThrowErrorMatchingInlineSnapshot(
    `[UserError: device "gpu": must be "auto", "cpu", "webgpu", "cuda", "cuda:N" or "dml"]`,
  );
});

test.each(["float32", "float16"] as const)(
  "the CPU computes in %s and has a rate",
  async (precision) => {
    const [probed] = await probeDevices([{ device: cpu, precision }], { program });
    expect(probed).toMatchObject({ ok: true, reason: "" });
    expect(probed!.gigaflops).toBeGreaterThan(1);
  },
);

test.runIf(linux)(
  "onnxruntime's telemetry is off: it keeps no identifier and calls nobody",
  async () => {
    // It is silent in continuous integration, which must not be taken for our doing.
    const env: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: folder };
    for (const name of ["CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY"]) delete env[name];
    await probeDevices([{ device: cpu, precision: "float32" }], { program, env });
    expect(readdirSync(folder)).toEqual([]);
  },
);

test("an explicit CPU is taken at once", async () => {
  expect(await chooseDevice("cpu", "float32", { program: "/nowhere" })).toEqual({
    device: cpu,
    name: "cpu",
    reason: "asked for",
  });
});

describe.runIf(linux)("on Linux", () => {
  test("a device that is not there is an error with its cure, never the CPU", async () => {
    await expect(chooseDevice("webgpu", "float32", { program, env: noVulkan })).rejects.toThrow(
      /^device "webgpu" cannot be used: (no GPU adapter: Vulkan found no driver|the library libvulkan\.so\.1 is missing); install the /,
    );
    await expect(chooseDevice("dml", "float32", { program })).rejects.toThrow(
      /^device "dml" cannot be used: onnxruntime for linux x64 has only cpu, webgpu, cuda; set /,
    );
  });

  const bundled = join(
    dirname(createRequire(import.meta.url).resolve("onnxruntime-node")),
    "../bin/napi-v6/linux/x64",
  );
  const hasCuda = existsSync(join(bundled, "libonnxruntime_providers_cuda.so"));

  test.skipIf(hasCuda)(
    "CUDA without its provider names the library and GLAD_CUDA_PATH",
    async () => {
      const env = { ...process.env, GLAD_CUDA_PATH: "" };
      const error = await chooseDevice("cuda:1", "float32", { program, env }).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(UserError);
      expect(String(error)).toMatch(
        /device "cuda:1" cannot be used: the library libonnxruntime_providers_shared\.so is missing; .*GLAD_CUDA_PATH.*\(now unset\)/,
      );
    },
  );

  test("a provider found through GLAD_CUDA_PATH whose own libraries are missing names them", async () => {
    // A real library, made to need one that no system has; laid out as pip does.
    const providers = join(folder, "site/onnxruntime/capi");
    mkdirSync(providers, { recursive: true });
    const needy = readFileSync(join(bundled, "onnxruntime_binding.node"), "latin1");
    expect(needy).toContain("libstdc++.so.6\0");
    writeFileSync(
      join(providers, "libonnxruntime_providers_shared.so"),
      needy.replaceAll("libstdc++.so.6\0", "libcudnn.so.99\0"),
      "latin1",
    );
    copyFileSync(
      join(providers, "libonnxruntime_providers_shared.so"),
      join(providers, "libonnxruntime_providers_cuda.so"),
    );
    const env = {
      ...process.env,
      GLAD_CUDA_PATH: join(folder, "site"),
      XDG_CACHE_HOME: join(folder, "cache"),
    };
    const [probed] = await probeDevices([{ device: cuda, precision: "float32" }], { program, env });
    expect(probed!.reason).toBe("the library libcudnn.so.99 is missing");
  });

  test("auto falls back to the CPU aloud where no GPU works", async () => {
    const env = { ...noVulkan, GLAD_CUDA_PATH: "" };
    const { name, reason } = await chooseDevice("auto", "float32", { program, env });
    if (hasCuda) return expect(reason).toContain("webgpu: ");
    expect(name).toBe("cpu");
    expect(reason).toMatch(
      /^the only one that works; cuda:0: the library \S+ is missing; webgpu: /,
    );
  });
});

test.runIf(onSwiftShader)(
  "auto prefers the CPU to a GPU that is emulated in software, by measured rates",
  async () => {
    const env = { ...process.env, VK_DRIVER_FILES: swiftShader };
    const { reason, name } = await chooseDevice("auto", "float32", { program, env });
    expect(name).toBe("cpu");
    expect(reason).toMatch(/^the fastest with \d+ GFLOP\/s; .*webgpu: only \d+\.\d GFLOP\/s$/);
  },
);

test.runIf(onSwiftShader)("a GPU without 16-bit floats is refused for float16", async () => {
  const env = { ...process.env, VK_DRIVER_FILES: swiftShader };
  await expect(chooseDevice("webgpu", "float16", { program, env })).rejects.toThrow(
    'device "webgpu" cannot be used: the GPU has no 16-bit floats (shader-f16); set training.precision to "float32"',
  );
});

describe("what happens to the child becomes a reason", () => {
  const request = [{ device: webgpu, precision: "float32" }] as const;

  test("a driver that hangs", async () => {
    const program = child("setInterval(() => {}, 1000)");
    const [probed] = await probeDevices(request, { program, timeoutMs: 300 });
    expect(probed).toMatchObject({ ok: false, reason: "no answer within 0.3 s" });
  });

  test("a crash, with what the driver printed last", async () => {
    const program = child(
      `console.error("driver: internal error 7"); process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)`,
    );
    const [probed] = await probeDevices(request, { program });
    expect(probed!.reason).toBe("the probe ended with signal SIGSEGV (driver: internal error 7)");
  });

  test("chatter on standard output does not hide the answer", async () => {
    const program = child(`console.log("hello from a driver\\n" + '{"ok":true,"gigaflops":5}')`);
    const [probed] = await probeDevices(request, { program });
    expect(probed).toMatchObject({ ok: true, gigaflops: 5 });
  });
});

describe("the automatic choice", () => {
  const probed = (device: Probed["device"], gigaflops: number | null, reason = ""): Probed => ({
    device,
    ok: gigaflops !== null,
    reason,
    gigaflops,
    milliseconds: 1,
  });

  test("takes the highest rate and says why not the others", () => {
    const choice = chooseAutomatically(
      [
        probed(cuda, null, "the library libcudnn.so.9 is missing"),
        probed(webgpu, 2500),
        probed(cpu, 445),
      ],
      "float32",
    );
    expect(choice).toEqual({
      device: webgpu,
      name: "webgpu",
      reason:
        "the fastest with 2500 GFLOP/s; cuda:0: the library libcudnn.so.9 is missing; cpu: only 445 GFLOP/s",
    });
  });

  test("nothing that computes in float16 is an error", () => {
    expect(() =>
      chooseAutomatically(
        [probed(webgpu, null, "no adapter"), probed(cpu, null, "no kernel")],
        "float16",
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[UserError: device "auto": no device computes in float16 (webgpu: no adapter; cpu: no kernel); set training.precision to "float32"]`,
    );
  });
});
