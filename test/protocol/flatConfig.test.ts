import { expect, test } from "vitest";
import { configSchema } from "../../src/protocol/config";
import { compareConfigs, flattenConfig } from "../../src/protocol/flatConfig";

test("flattens a configuration to dotted keys", () => {
  const flat = flattenConfig(configSchema.parse({ data: { root: "images" } }));
  expect(flat).toMatchObject({
    name: "run",
    "data.root": "images",
    "lora.rank": "2",
    "lora.targets": '["q","k","v"]',
    "training.steps": "null",
    "training.augment": "true",
  });
});

test("compares configurations key by key", () => {
  const rows = compareConfigs([{ a: "1", b: "x" }, { a: "2", b: "x" }, { a: "2" }]);
  expect(rows).toEqual([
    { key: "a", values: ["1", "2", "2"], differs: true },
    { key: "b", values: ["x", "x", null], differs: true },
  ]);
  expect(compareConfigs([{ a: "1" }, { a: "1" }])[0]!.differs).toBe(false);
});
