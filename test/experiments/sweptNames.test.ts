import { expect, test } from "vitest";
import { configSchema } from "../../src/protocol/config";
import { type Field, fieldAt, settingNames } from "../../src/protocol/configFields";
import { experimentEditorSchema } from "../../src/protocol/experimentEditorSchema";
import { sweptNames } from "../../src/protocol/experimentSettings";
import { UserError } from "../../src/util/errors";
import { plan } from "../support/experimentPlan";

/** Two values that a setting can have. */
function valuesOf(name: string): unknown[] {
  const special: Record<string, unknown[]> = {
    device: ["cpu", "webgpu"],
    "optimizer.minLearningRate": [0, 1e-7],
    "lora.layers": ["all", [0]],
    "lora.targets": [["q"], ["k"]],
    "optimizer.betas": [
      [0.8, 0.9],
      [0.9, 0.9],
    ],
    "evaluation.targets": [[], [{ root: "a" }]],
    "data.template": ["a {}", "b {}"],
  };
  return special[name] ?? plainValues(fieldAt(name.split("."))!);
}

function plainValues(field: Field): unknown[] {
  if (field.enum) return field.enum.slice(0, 2);
  const part = field.anyOf?.find(({ type, const: only }) => type !== "null" && only === undefined);
  const { type } = part ?? field;
  if (type === "boolean") return [true, false];
  if (type === "integer") return [7, 8];
  return type === "number" ? [0.1, 0.2] : ["a", "b"];
}

/** Whether expanding refuses a sweep over a setting. */
function isRefused(name: string): boolean {
  const sweep = { [name]: valuesOf(name) };
  const content = {
    ...{ name: "e", protocol: "few-shot", datasets: ["dtd"], shots: [1], seeds: [1] },
    // Early stopping gives every setting of evaluation its effect.
    config: { evaluation: { every: 10, earlyStop: {} } },
    methods: [{ name: "a", sweep }],
  };
  try {
    plan(content);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    // For a fault of the sweep, and not for another one.
    expect((error as UserError).message).toContain(name.split(".").at(-1));
    return true;
  }
}

test("what is proposed for a sweep is what expanding does not refuse", () => {
  const names = settingNames();
  expect(names.filter((name) => !isRefused(name))).toEqual(sweptNames());
  expect(sweptNames()).toContain("glad.rho");
  // The values above are right ones: what is refused is their sweep.
  for (const name of names) {
    const nested = (value: unknown) =>
      name.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    for (const value of valuesOf(name))
      expect(() => configSchema.parse(nested(value))).not.toThrow();
  }
});

test("the editor proposes nothing else", () => {
  const method = experimentEditorSchema().properties!.methods!.items as Field;
  const { sweep } = method.anyOf!.find(({ properties }) => properties)!.properties!;
  expect(Object.keys(sweep!.properties!)).toEqual(sweptNames());
});
