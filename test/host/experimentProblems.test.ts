import { expect, test } from "vitest";
import { experimentProblems } from "../../src/host/experiments/experimentProblems";

/** What stands at the places of the problems of an experiment with this content, and what would mend them. */
function marked(content: object): [string, string | null][] {
  const text = JSON.stringify({ name: "e", protocol: "few-shot", ...content });
  return experimentProblems(text, "/e.experiment.json").map(({ offset, length, replacement }) => [
    text.slice(offset, offset + length),
    replacement,
  ]);
}

test("a right experiment has no problem", () => {
  expect(marked({})).toEqual([]);
});

test("values that are nearly allowed ones are replaced by those, where they stand", () => {
  expect(marked({ protocol: "base-to-novell" })).toEqual([['"base-to-novell"', '"base-to-novel"']]);
  const preset = { name: "a", preset: "lorra" };
  expect(marked({ methods: ["zero-shoot", preset], executor: { kind: "slrum" } })).toEqual([
    ['"zero-shoot"', '"zero-shot"'],
    ['"lorra"', '"lora"'],
    ['"slrum"', '"slurm"'],
  ]);
  expect(
    marked({
      datasets: ["dtdd", { dataset: "eurosad" }],
      config: { lora: { encoder: "bothh" } },
      methods: [
        { name: "a", set: { lora: { scaling: "rslorra" } } },
        { name: "b", sweep: { "lora.encoder": ["text", "visionn"], "lora.scaling": ["lora"] } },
        { name: "c", sweep: { "glad.roh": [1] } },
      ],
    }),
  ).toEqual(
    expect.arrayContaining([
      ['"dtdd"', '"dtd"'],
      ['"eurosad"', '"eurosat"'],
      ['"bothh"', '"both"'],
      ['"rslorra"', '"rslora"'],
      ['"visionn"', '"vision"'],
      ['"glad.roh"', '"glad.rho"'],
    ]),
  );
});
