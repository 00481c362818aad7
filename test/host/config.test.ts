import { expect, test } from "vitest";
import { configProblems, placeFindings, withValues } from "../../src/host/config/problems";
import { configurationText, fittingShots } from "../../src/host/config/configurationText";
import { isConfigFile } from "../../src/host/config/configFileName";
import { parseConfig } from "../../src/protocol/parseConfig";

/** What stands at the places of the problems of a text, and what would mend them. */
function marked(text: string): [string, string | null][] {
  return configProblems(text).map(({ offset, length, replacement }) => [
    text.slice(offset, offset + length),
    replacement,
  ]);
}

test("a right configuration has no problem", () => {
  expect(configProblems('{ "data": { "root": "." } } // as it should be')).toEqual([]);
});

test("a misspelt key is marked, and mended where its section has such a key", () => {
  const text = '{\n  "modle": "x",\n  "data": {},\n  "lora": { "rnak": 4, "learningRate": 1 }\n}';
  expect(marked(text)).toEqual([
    ['"modle"', '"model"'],
    ['"rnak"', '"rank"'],
    // It belongs into another section.
    ['"learningRate"', null],
  ]);
});

test("a wrong value is marked where it stands, in the command line's words", () => {
  const text = '{ "data": { "shots": -1 }, "lora": { "targets": ["q", "w"] }, "seed": "3" }';
  expect(marked(text)).toEqual([
    ["-1", null],
    ['"w"', null],
    ['"3"', null],
  ]);
  expect(configProblems(text)[0]!.message).toMatch(/^data\.shots is -1, expected a whole number/);
});

test("a text that is nearly one of the allowed ones is replaced by that", () => {
  expect(marked('{ "lora": { "encoder": "bothh", "targets": ["fc11", "z"] } }')).toEqual([
    ['"bothh"', '"both"'],
    ['"fc11"', '"fc1"'],
    ['"z"', null],
  ]);
});

test("what cannot be read as JSON is marked on its line", () => {
  expect(marked('{\n  "data": {},\n  "seed" 3\n}')).toEqual([['"seed" 3', null]]);
  expect(configProblems("")).toHaveLength(1);
});

test("what has no line of its own is marked on the first", () => {
  const [problem] = configProblems("[\n1]");
  expect(problem).toMatchObject({ offset: 0, length: 1 });
  expect(problem!.message).toMatch(/^holds a list, expected an object/);
});

test("a key that is given twice is marked", () => {
  const [problem] = configProblems('{ "data": {}, "seed": 1,\n "seed": 2 }');
  expect(problem!.message).toContain("a second time");
});

const found = (setting: string) => ({ setting, state: "failed" as const, message: "", fixes: [] });

test("findings stand at their settings, or at what of them is written", () => {
  const text =
    '{\n  // how many\n  "data": { "shots": 8, },\n  "evaluation": { "targets": [{}, {}] }\n}';
  const settings = ["data.shots", "data.root", "evaluation.targets.1", "model", ""];
  const places = placeFindings(settings.map(found), text).map(({ offset, length }) =>
    text.slice(offset, offset + length),
  );
  expect(places).toEqual(["8", '"data"', "{}", "{", "{"]);
});

test("findings of a sweep stand at its value, whose setting is one dotted key", () => {
  const text =
    '{ "methods": ["lora", { "name": "a", "sweep": { "lora.layers": ["all", [99]] } }] }';
  const settings = [
    "methods.1.sweep.lora.layers.1",
    "methods.1.sweep.lora.rank.0",
    "methods.1.set",
  ];
  const places = placeFindings(settings.map(found), text).map(({ offset, length }) =>
    text.slice(offset, offset + length),
  );
  expect(places[0]).toBe("[99]");
  expect(places[1]).toBe('"sweep"');
  expect(places[2]).toMatch(/^\{ "name": "a"/);
});

test("other values leave comments and layout as they are", () => {
  const text = '{\n  // how many\n  "data": {\n    "shots": 8, // few\n  },\n}\n';
  expect(withValues(text, { "data.shots": null, "lora.rank": 4 })).toBe(
    '{\n  // how many\n  "data": {\n    "shots": null, // few\n  },\n  "lora": {\n    "rank": 4\n  },\n}\n',
  );
});

test("a new configuration is a right one", () => {
  const wishes = { model: "openai/clip-vit-base-patch16", dataset: "folder", root: "./my images" };
  const text = configurationText({ ...wishes, shots: 8, protocol: "base-to-novel" });
  const config = parseConfig(text, "glad.json");
  expect(config).toMatchObject({
    name: "my-images",
    model: wishes.model,
    protocol: "base-to-novel",
    data: { root: "./my images", shots: 8 },
  });
  expect([1, 3, 8, 15, 500].map(fittingShots)).toEqual([null, 2, 8, 8, 16]);
});

test.each([
  ["/a/glad.json", true],
  ["/a/pets.glad.json", true],
  ["C:\\a\\glad.json", true],
  ["/a/notglad.json", false],
  ["/a/glad.json.txt", false],
])("%s is a configuration: %s", (path, is) => {
  expect(isConfigFile(path)).toBe(is);
});
