import { join } from "node:path";
import { expect, test } from "vitest";
import { readNamedTensors, writeSafetensors } from "../../src/models/safetensors";
import { dumpStep, type StepRequest } from "../../src/train/dumpStep";
import { expectClose } from "../support/allclose";
import { goldenFolder, openGolden } from "../support/golden";
import { temporaryFolder } from "../support/temporaryFolder";

/** The request that repeats reference case b-all, and the folder that its files lie in. */
async function request(): Promise<{ request: StepRequest; folder: string }> {
  const folder = temporaryFolder();
  const { golden, tensors, engine } = await openGolden("b-all");
  await engine.close();
  const lora = new Map(
    [...tensors]
      .filter(([name]) => name.startsWith("random.lora."))
      .map(([name, tensor]) => [name.replace("random.lora.", "base_model.model."), tensor]),
  );
  await writeSafetensors(join(folder, "lora.safetensors"), lora);
  return {
    folder,
    request: {
      model: join(goldenFolder, golden.model),
      images: golden.images!.map((name) => join(goldenFolder, name)),
      labels: golden.labels,
      classes: golden.classNames,
      template: golden.template,
      lora: join(folder, "lora.safetensors"),
      seed: 1,
      rank: 2,
      loraAlpha: golden.lora.alpha,
      scaling: golden.lora.scaling,
      alpha: golden.glad.alpha,
      rho: golden.glad.rho,
      dump: join(folder, "dump.safetensors"),
      device: "cpu",
    },
  };
}

test("from image files and LoRA values to every gradient, as PyTorch has them", async () => {
  const { request: asked } = await request();
  const { metrics } = await dumpStep(asked);
  const { golden, tensors, engine } = await openGolden("b-all");
  await engine.close();
  const dump = (await readNamedTensors(asked.dump!)).tensors;
  expectClose("loss", dump.get("loss")!.data, [golden.random.loss], { relative: 1e-5 });
  expectClose("perturbed loss", [metrics.perturbedLoss!], [golden.random.perturbedLoss], {
    relative: 1e-5,
  });
  for (const name of ["logits", "class_embeddings"])
    expectClose(name, dump.get(name)!.data, tensors.get(`random.${name}`)!.data, {
      relative: 1e-5,
    });
  let compared = 0;
  for (const [name, { data, shape }] of tensors) {
    const match = /^random\.((?:g|g_sam|g_final|lora)\..*)$/.exec(name);
    if (!match) continue;
    expect(dump.get(match[1]!)!.shape).toEqual(shape);
    expectClose(name, dump.get(match[1]!)!.data, data, { relative: 1e-4 });
    compared++;
  }
  expect(compared).toBe(4 * engine.layout.length);
});

test("a request that makes no sense is refused in one sentence", async () => {
  const { request: asked, folder } = await request();
  const empty = join(folder, "empty.safetensors");
  await writeSafetensors(empty, new Map());
  const strange = join(folder, "strange.safetensors");
  await writeSafetensors(strange, new Map([["w", { shape: [1], data: Float32Array.of(1) }]]));
  const wrong: Record<string, Partial<StepRequest>> = {
    labels: { labels: [0] },
    label: { labels: [0, 99, 1] },
    template: { template: "a photo" },
    alpha: { alpha: 2 },
    rho: { rho: -1 },
    rank: { rank: 0, lora: null },
    loraAlpha: { loraAlpha: 0 },
    empty: { lora: empty },
    strange: { lora: strange },
  };
  const messages: string[] = [];
  for (const change of Object.values(wrong))
    messages.push(
      await dumpStep({ ...asked, ...change }).then(
        () => "accepted",
        (error: Error) => `${error.name}: ${error.message.replaceAll(folder, "DIR")}`,
      ),
    );
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "UserError: --labels has 1 number for 3 images; give the class of each image
    UserError: --labels: 99 is not a class; there are 5 classes, counted from 0
    UserError: --template "a photo" must contain "{}" where the class name goes
    UserError: --alpha is 2; it must be a number from 0 to 1
    UserError: --rho is -1; it must be 0 or more
    UserError: --rank is 0; it must be a whole number above 0
    UserError: --lora-alpha is 0; it must be above 0
    UserError: DIR/empty.safetensors: holds no LoRA tensors; give a file that PEFT or glad wrote
    UserError: DIR/strange.safetensors: "w" is not a LoRA tensor of CLIP; names must look like vision_model.encoder.layers.0.self_attn.q_proj.lora_A.weight, as PEFT writes them"
  `);
});
