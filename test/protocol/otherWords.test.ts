import { expect, test } from "vitest";
import { fieldAt, settingNames } from "../../src/protocol/configFields";
import type { Fault } from "../../src/protocol/fault";
import { FaultyText } from "../../src/protocol/fault";
import { loadConfig } from "../../src/protocol/loadConfig";
import { otherWords } from "../../src/protocol/otherWords";
import { parseConfig } from "../../src/protocol/parseConfig";

const plain = (word: string): string => word.toLowerCase().replace(/[-_]/g, "");

test("every word leads to a setting, none to two, and none is a name of ours", () => {
  const words = otherWords().map(({ word }) => plain(word));
  expect(new Set(words).size).toBe(words.length);
  const ours = settingNames().flatMap((name) => [name, name.split(".").at(-1)!].map(plain));
  expect(words.filter((word) => ours.includes(word))).toEqual([]);
  for (const { name } of otherWords()) expect(fieldAt(name.split(".")), name).toBeDefined();
});

/** What is wrong with a configuration. */
function faults(config: object): readonly Fault[] {
  try {
    parseConfig(JSON.stringify(config), "glad.json");
    return [];
  } catch (error) {
    if (!(error instanceof FaultyText)) throw error;
    return error.faults;
  }
}

test.each([
  [{ lora: { modules: ["q"] } }, "lora.targets", { kind: "key", key: "targets" }],
  [{ lora: { target_modules: ["q"] } }, "lora.targets", { kind: "key", key: "targets" }],
  [{ lora: { r: 4 } }, "lora.rank", { kind: "key", key: "rank" }],
  [{ lora_alpha: 2 }, "lora.alpha", { kind: "move", to: ["lora", "alpha"] }],
  [{ lora: { lora_dropout: 0.1 } }, "lora.dropout", { kind: "key", key: "dropout" }],
  [{ training: { lr: 1 } }, "optimizer.learningRate", { kind: "move" }],
  [{ learning_rate: 1 }, "optimizer.learningRate", { kind: "move" }],
  [{ batch_size: 8 }, "training.batchSize", { kind: "move" }],
  [{ bs: 8 }, "training.batchSize", { kind: "move" }],
  [{ training: { seed: 3 } }, "seed", { kind: "move", to: ["seed"] }],
  [{ training: { device: "cpu" } }, "device", { kind: "move", to: ["device"] }],
  [{ data: { path: "x" } }, "root", { kind: "key", key: "root" }],
  [{ evaluation: { targets: [{ path: "x" }] } }, "root", { kind: "key", key: "root" }],
])("%j leads to %s", (config, name, mend) => {
  const [fault, ...more] = faults(config);
  expect(more).toEqual([]);
  expect(fault!.message).toMatch(`; did you mean "${name}"?`);
  expect(fault!.mends).toMatchObject([mend]);
});

test.each([
  [{ training: { epochs: 3 } }, "training.steps"],
  [{ training: { n_iters: 500 } }, "training.steps"],
  [{ training: { fp16: true } }, "training.precision"],
  [{ lora: { use_rslora: true } }, "lora.scaling"],
])("%j names what is much the same, and does not take its value for it", (config, name) => {
  const [fault] = faults(config);
  expect(fault!.message).toMatch(`; did you mean "${name}"?`);
  expect(fault!.mends).toEqual([]);
});

test("values are known by their other names as well", () => {
  const found = faults({
    lora: { targets: ["q_proj", "out_proj"] },
    training: { precision: "fp16" },
  });
  expect(found.map(({ message }) => /did you mean "(.*)"\?/.exec(message)?.[1])).toEqual([
    ...["q", "o", "float16"],
  ]);
  expect(found.map(({ mends }) => mends![0])).toEqual(
    ["q", "o", "float16"].map((value) => ({ kind: "value", value })),
  );
});

test("so they are on the command line", () => {
  expect(() => loadConfig(null, ["target_modules=q"], "/")).toThrow(
    '--set target_modules=q: "target_modules" is not a setting; did you mean "lora.targets"?',
  );
  expect(() => loadConfig(null, ["epochs=3"], "/")).toThrow(
    '"epochs" is not a setting; the nearest is "training.steps"',
  );
});
