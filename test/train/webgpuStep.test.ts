import { describe, expect, test } from "vitest";
import { loraSites, type LoraSpec } from "../../src/models/lora";
import { openSnapshot } from "../../src/models/snapshot";
import type { Device } from "../../src/runtime/session";
import { ClipEngine } from "../../src/train/engine";
import type { Batch } from "../../src/train/engineTypes";
import { hasSwiftShader, swiftShader } from "../runtime/builtProbe";
import { randomValues } from "../support/random";
import { temporaryFolder } from "../support/temporaryFolder";
import { type TinyClipOptions, writeTinyClip } from "../support/tinyClip";

process.env.VK_DRIVER_FILES = swiftShader;

const everything: LoraSpec = {
  encoder: "both",
  targets: ["q", "k", "v", "o", "fc1", "fc2"],
  layers: "all",
  rank: 2,
  alpha: 2,
  scaling: "rslora",
  dropout: 0.25,
};
const gelu: TinyClipOptions = {
  vision: { activation: "gelu", imageSize: 16, patchSize: 4, heads: 4 },
  text: { activation: "gelu" },
};
const cases: [string, TinyClipOptions, boolean][] = [
  ["QuickGELU, several heads, in passes", {}, false],
  ["GELU, in one graph", gelu, true],
];

/** The two passes of a GLAD step and the features of an evaluation, on one device. */
async function step(folder: string, device: Device, wholeStep = false) {
  const snapshot = await openSnapshot(folder);
  const { imageSize } = snapshot.config.vision;
  const { vocabularySize } = snapshot.config.text;
  const engine = new ClipEngine({
    snapshot,
    lora: everything,
    // The tokens need no meaning here: the beginning, one of each letter, the end.
    encode: (prompt) => [
      vocabularySize - 2,
      ...Array.from(prompt, (letter) => letter.charCodeAt(0)),
      vocabularySize - 1,
    ],
    prompts: ["it: cat", "it: a dog", "it: bird", "it: car", "it: tree"],
    device,
    deviceName: device.kind,
    deviceReason: "",
    threads: 1,
    precision: "float32",
    // The last pass of each kind is not full.
    microBatchSize: wholeStep ? 4 : 2,
    classChunkSize: 3,
    keptTextBytes: device.kind === "cpu" ? 2 ** 20 : null,
    wholeStep,
    separatePhases: false,
    packImage: device.kind === "cpu",
    packText: device.kind === "cpu",
  });
  const pixels = Float32Array.from(randomValues(3 * 3 * imageSize ** 2, 5));
  const batch: Batch = {
    pixels,
    labels: Int32Array.of(1, 4, 0),
    sampleIds: Int32Array.of(10, 11, 12),
  };
  const draw = { seed: 3, step: 7 };
  const theta = Float32Array.from(randomValues(engine.parameterCount, 6, -0.1, 0.1));
  const first = await engine.lossAndGradient(theta, batch, draw);
  // A step of length 0.05 along the gradient, as SAM's perturbation.
  const scale = 0.05 / norm(first.gradient);
  const moved = theta.map((value, i) => value + scale * first.gradient[i]!);
  const second = await engine.lossAndGradient(moved, batch, draw);
  const classes = await engine.classEmbeddings(theta, ["it: cat", "it: horse"]);
  const features = await engine.imageFeatures(theta, pixels, 3);
  await engine.close();
  return { first, second, classes, features, sites: loraSites(snapshot.config, everything).length };
}

describe.runIf(hasSwiftShader("a training step on WebGPU"))(
  "a step on WebGPU agrees with the CPU, and the engine refuses nodes on the CPU",
  () => {
    test.each(cases)(
      "%s",
      async (_, options, wholeStep) => {
        const folder = temporaryFolder();
        await writeTinyClip(folder, options);
        const want = await step(folder, { kind: "cpu" });
        const got = await step(folder, { kind: "webgpu" }, wholeStep);
        expect(want.sites).toBe(24);
        for (const pass of ["first", "second"] as const) {
          expect(relative([got[pass].loss], [want[pass].loss])).toBeLessThan(1e-4);
          expect(relative(got[pass].logits, want[pass].logits)).toBeLessThan(1e-4);
          expect(norm(want[pass].gradient)).toBeGreaterThan(1e-3);
          expect(relative(got[pass].gradient, want[pass].gradient)).toBeLessThan(1e-4);
        }
        expect(relative(got.classes, want.classes)).toBeLessThan(1e-4);
        expect(relative(got.features, want.features)).toBeLessThan(1e-4);
        // Nearly all of the time goes into compiling the GPU's programs in software.
      },
      180_000,
    );
  },
);

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

/** ||got - want|| / ||want|| */
function relative(got: ArrayLike<number>, want: ArrayLike<number>): number {
  return norm(Array.from(got, (value, i) => value - want[i]!)) / norm(want);
}
