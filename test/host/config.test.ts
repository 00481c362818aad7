import { expect, test } from "vitest";
import { hoverOfKey } from "../../src/host/config/keyHover";
import { mendsIn } from "../../src/host/config/mends";
import {
  configProblems,
  namingFile,
  placeFindings,
  withValues,
} from "../../src/host/config/problems";
import { withValue } from "../../src/host/config/textEdits";
import {
  configurationText,
  fittingShots,
  scarceClass,
} from "../../src/host/config/configurationText";
import { isConfigFile } from "../../src/host/config/configFileName";
import { parseConfig } from "../../src/protocol/parseConfig";

const problems = (text: string) => configProblems(text, "/a/glad.json");

/** What stands at the places of the problems of a text, and what would mend them, the likeliest first. */
function marked(text: string): [string, ...string[]][] {
  return problems(text).map((problem) => [
    text.slice(problem.offset, problem.offset + problem.length),
    ...mendsIn(text, problem).map(({ what }) => what),
  ]);
}

test("a right configuration has no problem", () => {
  expect(problems('{ "data": { "root": "." } } // as it should be')).toEqual([]);
});

test("a misspelt key is marked, and mended in its section or moved to the one that has it", () => {
  const text = '{\n  "modle": "x",\n  "data": {},\n  "lora": { "rnak": 4, "learningRate": 1 }\n}';
  expect(marked(text)).toEqual([
    ['"modle"', '"model"'],
    ['"rnak"', '"rank"'],
    ['"learningRate"', "optimizer.learningRate"],
  ]);
  // Two keys of one name would be another fault, and three epochs are no three steps.
  expect(marked('{ "data": { "shots": 1, "shot": 2 }, "epochs": 3 }')).toEqual([
    ['"shot"', "shot"],
    ['"epochs"'],
  ]);
});

test("a dotted name that is far from every setting is not put in the place of one", () => {
  const text = '{ "wandb.project": "x", "training.epochs": 3, "optimizer.lr": 1e-4 }';
  expect(marked(text)).toEqual([
    ['"wandb.project"'],
    ['"training.epochs"'],
    ['"optimizer.lr"', "optimizer.learningRate"],
  ]);
  expect(problems(text)[0]!.message).toBe(
    '"wandb.project" is not a setting; the nearest is "data.root"',
  );
});

test("a wrong value is marked where it stands, in the command line's words", () => {
  const text = '{ "data": { "shots": -1 }, "lora": { "targets": ["q", "w"] }, "seed": "3" }';
  expect(marked(text)).toEqual([
    ["-1", "1", "shots"],
    ['"w"', ...["q", "k", "v", "o", "fc1", "fc2"].map((name) => `"${name}"`)],
    ['"3"', "3", "seed"],
  ]);
  expect(problems(text)[0]!.message).toMatch(/^data\.shots is -1, expected a whole number/);
});

test("a text that is nearly one of the allowed ones is replaced by that", () => {
  expect(
    marked('{ "lora": { "encoder": "bothh", "targets": ["fc11"] }, "device": "cuda0" }'),
  ).toEqual([
    ['"bothh"', '"both"', '"vision"', '"text"', "encoder"],
    ['"fc11"', '"fc1"', ...["q", "k", "v", "o", "fc2"].map((name) => `"${name}"`)],
    ['"cuda0"', '"cuda"', '"auto"', '"cpu"', '"webgpu"', '"dml"', "device"],
  ]);
});

test.each([
  ["data.shots", '"8"', ["8"]],
  ["data.shots", '"0"', ["1"]],
  ["data.shots", "2.4", ["2"]],
  ["data.shots", "[8]", ["8"]],
  ["data.shots", '"None"', ["null"]],
  ["training.augment", '"true"', ["true"]],
  ["training.augment", '"False"', ["false"]],
  ["training.augment", "0", ["false"]],
  ["name", "17", ['"17"']],
  ["model", "5", ['"5"']],
  ["model", '""', []],
  ["threads", "5000", ["1024"]],
  ["glad.alpha", "1.5", ["1"]],
  ["glad.alpha", '"0,5"', []],
  ["glad.alpha", '".5"', ["0.5"]],
  ["glad.rho", '" +5 "', ["5"]],
  // The nearest allowed number is no number that anybody means.
  ["optimizer.learningRate", "-1", []],
  ["lora.dropout", "1", []],
  ["lora.targets", '"q, v"', ['["q", "v"]']],
  ["lora.targets", '"Q"', ['["q"]']],
  ["lora.layers", "3", ["[3]"]],
  ["training.microBatchSize", '"Auto"', ['"auto"']],
  ["data.template", '"datset"', ['"dataset"']],
])("what was meant by %s: %s is proposed first", (setting, value, meant) => {
  const [section, key] = setting.includes(".") ? setting.split(".") : [null, setting];
  const inner = `"${key}": ${value}`;
  const text = section === null ? `{ ${inner} }` : `{ "${section}": { ${inner} } }`;
  const [problem, ...more] = problems(text);
  expect(more).toEqual([]);
  const mends = mendsIn(text, problem!);
  expect(mends.flatMap(({ isLikely, what }) => (isLikely ? what : []))).toEqual(meant);
  expect(mends.at(-1)).toMatchObject({ does: "leaveOut", what: key });
  // Each of them is right.
  for (const mend of mends) expect(problems(mend.text)).toEqual([]);
});

test("values that exclude each other and names that are there twice are mended", () => {
  const text =
    '{ "optimizer": { "learningRate": 1e-5, "minLearningRate": 1 }, "lora": { "layers": [0, 1, 0] } }';
  expect(marked(text)).toEqual([
    ["1", "0.00001"],
    ["[0, 1, 0]", "[0, 1]"],
  ]);
});

const commented = `{
  // the name
  "name": "a", // of all
  // the images
  "data": { "shots": 8 }, // few
  "shots": 4, // more
  "lora.rank": 2 // the last
}
`;

test("mends leave every comment where it was, and in a section made in the place of a key those beside it", () => {
  const [shots, rank] = problems(commented);
  const texts = [shots!, rank!].map((problem) => mendsIn(commented, problem)[0]!.text);
  // It is given there already.
  expect(texts[0]).toBe(commented.replace('"shots": 4, // more', "// more"));
  expect(texts[1]).toBe(commented.replace('"lora.rank": 2', '"lora": { "rank": 2 }'));
});

test.each([
  ['{ "a": 1, "b": 2 }', ["a"], '{ "b": 2 }'],
  ['{ "a": 1, "b": 2 }', ["b"], '{ "a": 1 }'],
  ['{ "a": 1, }', ["a"], "{ }"],
  ['{\n  "a": 1,\n  "b": [\n    2\n  ]\n}', ["b"], '{\n  "a": 1\n}'],
  ['{\n  "a": 1, /* b, c */\n  "b": 2,\n}', ["b"], '{\n  "a": 1, /* b, c */\n}'],
  // What is said between it and its comma.
  ['{\n    "a": 1 // one\n  , "b": 2 // two\n}', ["a"], '{\n    // one\n  "b": 2 // two\n}'],
  ['{ "a": 1 /* one */, "b": 2 }', ["a"], '{ /* one */"b": 2 }'],
])("%j without %j", (text, path, left) => {
  expect(withValue(text, path, undefined)).toBe(left);
});

test.each([
  ["{}", '{ "c": 1 }'],
  ["{ // none\n}", '{ "c": 1 // none\n}'],
  ['{"a":1}', '{"c": 1, "a":1}'],
  ['{ // first\r\n\t"a": 1\r\n}', '{ // first\n\t"c": 1,\r\n\t"a": 1\r\n}'],
  // A comment that begins on the line of the brace and ends on another.
  ['{ /* my\n     file */\n  "a": 1\n}', '{ /* my\n     file */\n  "c": 1,\n  "a": 1\n}'],
  ['{ /* my\n     file */ "a": 1 }', '{ /* my\n     file */ "c": 1, "a": 1 }'],
])("%j with another key", (text, whole) => {
  expect(withValue(text, ["c"], 1)).toBe(whole);
});

test("a setting is moved as it was written", () => {
  const text = '{\n  "lr": 5e-5,\n  "lora.targets": [\n    "q", // queries\n    "v"\n  ]\n}';
  const mended = problems(text).map((problem) => mendsIn(text, problem)[0]!.text);
  expect(mended).toEqual([
    '{\n  "optimizer": { "learningRate": 5e-5 },\n  "lora.targets": [\n    "q", // queries\n    "v"\n  ]\n}',
    '{\n  "lr": 5e-5,\n  "lora": { "targets": [\n    "q", // queries\n    "v"\n  ] }\n}',
  ]);
});

test("of a list that names something twice the second one alone is taken out", () => {
  const list = '[\n    "q", // queries\n    "v", // values\n    "q"\n  ]';
  const text = `{\n  "lora": { "targets": ${list} }\n}`;
  const [problem] = problems(text);
  const [mended] = mendsIn(text, problem!);
  expect(mended).toMatchObject({ does: "change", what: '["q", "v"]' });
  expect(mended!.text).toBe(text.replace(', // values\n    "q"', " // values"));
});

test("what cannot be read as JSON is marked on its line, where an editor marks it, too", () => {
  const text = '{\n  "data": {},\n  "seed" 3\n}';
  expect(marked(text)).toEqual([['"seed" 3']]);
  expect(problems(text)).toMatchObject([{ isSyntax: true }]);
  expect(problems('{ "data": ')).toMatchObject([{ isSyntax: true }]);
  // These an editor has nothing against.
  for (const odd of ["", "[1]", '{ "seed": 1, "seed": 2 }', '{ "seed": -1 }'])
    expect(problems(odd).map(({ isSyntax }) => isSyntax)).toEqual([undefined]);
});

test("an empty file is named, with how to begin", () => {
  const [problem] = problems(" \n");
  expect(problem!.message).toMatch(/^glad\.json is empty: .*"GLAD: New Configuration"/);
  expect(namingFile(problem!, "/a/glad.json")).toBe(problem!.message);
  const [wrong] = problems('{ "seed": -1 }');
  expect(namingFile(wrong!, "/a/glad.json")).toMatch(/^glad\.json: seed is -1, /);
});

test("what has no line of its own is marked on the first", () => {
  const [problem] = problems("[\n1]");
  expect(problem).toMatchObject({ offset: 0, length: 1 });
  expect(problem!.message).toMatch(/^glad\.json holds a list, expected an object/);
});

test("a key that is given twice is marked", () => {
  const [problem] = problems('{ "data": {}, "seed": 1,\n "seed": 2 }');
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
    '{\n  "lora": { "rank": 4 },\n  // how many\n  "data": {\n    "shots": null, // few\n  },\n}\n',
  );
  const list = '{\n  "lora": {\n    "layers": [ // "some"\n      0 /* first */\n    ]\n  }\n}\n';
  expect(withValues(list, { "lora.layers": "all" })).toBe(
    '{\n  "lora": {\n    "layers": // "some"\n      /* first */ "all"\n  }\n}\n',
  );
});

test("a new configuration is a right one", () => {
  const wishes = { model: "openai/clip-vit-base-patch16", dataset: "folder", root: "./my images" };
  const text = configurationText({
    ...wishes,
    shots: 8,
    scarce: null,
    protocol: "base-to-novel",
  });
  const config = parseConfig(text, "glad.json");
  expect(config).toMatchObject({
    name: "my-images",
    model: wishes.model,
    protocol: "base-to-novel",
    data: { root: "./my images", shots: 8 },
  });
  expect([1, 3, 8, 15, 500].map(fittingShots)).toEqual([null, 2, 8, 8, 16]);
});

test("a new configuration says which class holds the others back", () => {
  const classes = [12, 3, 14, 16].map((train, i) => ({ name: `bird "${i}"`, train }));
  const scarce = scarceClass(classes);
  expect(scarce).toBe(classes[1]);
  const wishes = { model: "m", dataset: "folder", root: "birds", protocol: "all" as const };
  const text = configurationText({ ...wishes, shots: 2, scarce });
  expect(text).toContain('// Class "bird \\"1\\"" has only 3 to train on');
  expect(parseConfig(text, "glad.json").data.shots).toBe(2);
  expect(scarceClass(classes.filter((each) => each !== scarce))).toBeNull();
  // Where a class has but one, all of each are taken.
  expect(scarceClass([{ name: "one", train: 1 }, ...classes])).toBeNull();
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

test("a key is explained also while its value is missing, or no JSON", () => {
  const said = (text: string, key: string, file = "/glad.json") => {
    const found = hoverOfKey(text, file, text.indexOf(key) + 1);
    return found && [text.slice(found.offset, found.offset + found.length), found.said];
  };
  const shots = expect.stringMatching(/^\*\*data\.shots\*\* — Training images per class/) as string;
  expect(said('{ "data": { "shots": } }', '"shots"')).toEqual(['"shots"', shots]);
  expect(said('{ "data": { "shots": eight } }', '"shots"')).toEqual(['"shots"', shots]);
  expect(said('{ "data": { "shots"', '"shots"')).toEqual(['"shots"', shots]);
  // The editor itself explains it by its value.
  expect(said('{ "data": { "shots": "x" } }', '"shots"')).toBeNull();
  expect(said('{ "data": { "shoots": } }', '"shoots"')).toBeNull();
  const executor = said('{ "executor": { "kind": } }', '"kind"', "/e.experiment.json");
  expect(executor![1]).toMatch(/^\*\*executor\.kind\*\* — local: .*slurm: /);
  const method = '{ "methods": [{ "set": { "glad": { "rho": } } }] }';
  expect(said(method, '"rho"', "/e.experiment.json")![1]).toMatch(/^\*\*glad\.rho\*\* — /);
});

test("a text of brackets is one problem, and the fixes find nothing in it", () => {
  const text = "[".repeat(100_000);
  expect(problems(text).map(({ message }) => message)).toEqual([
    expect.stringContaining("is nested more than 100 levels deep"),
  ]);
  expect(withValue(text, ["seed"], 1)).toBe(text);
});
