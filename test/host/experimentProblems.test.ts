import { expect, test } from "vitest";
import { mendsIn } from "../../src/host/config/mends";
import { experimentProblems } from "../../src/host/experiments/experimentProblems";

/** What stands at the places of the problems of an experiment with this content, and what would mend them, the likeliest first. */
async function marked(content: object): Promise<[string, ...string[]][]> {
  const text = JSON.stringify({ name: "e", protocol: "few-shot", ...content });
  const problems = await experimentProblems(text, "/e.experiment.json");
  return problems.map((problem) => [
    text.slice(problem.offset, problem.offset + problem.length),
    ...mendsIn(text, problem).map(({ what }) => what),
  ]);
}

/** The texts that mend the problems of a text. */
async function mended(text: string): Promise<string[][]> {
  const problems = await experimentProblems(text, "/my own.experiment.json");
  return problems.map((problem) => mendsIn(text, problem).map((mend) => mend.text));
}

const presets = ['"zero-shot"', '"lora"', '"sam"', '"glad"'];
const without = (...left: string[]): string[] => presets.filter((each) => !left.includes(each));

test("a right experiment has no problem", async () => {
  expect(await marked({})).toEqual([]);
});

test("values that are nearly allowed ones are replaced by those, where they stand", async () => {
  const protocols = ['"few-shot"', '"domain-generalization"', '"cross-dataset"', '"own"'];
  expect(await marked({ protocol: "base-to-novell" })).toEqual([
    ['"base-to-novell"', '"base-to-novel"', ...protocols],
  ]);
  const preset = { name: "a", preset: "lorra" };
  expect(await marked({ methods: ["zero-shoot", preset], executor: { kind: "slrum" } })).toEqual([
    ['"zero-shoot"', '"zero-shot"', ...without('"zero-shot"')],
    ['"lorra"', '"lora"', ...without('"lora"'), "preset"],
    ['"slrum"', '"slurm"', '"local"'],
  ]);
  expect(
    await marked({
      datasets: ["dtdd", { dataset: "eurosad" }, "./photos"],
      config: { lora: { encoder: "bothh" } },
      methods: [
        { name: "a", set: { lora: { scaling: "rslorra" } } },
        { name: "b", sweep: { "lora.encoder": ["text", "visionn"], "lora.scaling": ["lora"] } },
      ],
    }),
  ).toEqual([
    ['"dtdd"', '"dtd"'],
    ['"eurosad"', '"eurosat"'],
    ['"./photos"', '{ "root": "./photos" }'],
    ['"bothh"', '"both"', '"vision"', '"text"', "encoder"],
    ['"rslorra"', '"rslora"', '"lora"', "scaling"],
    ['"visionn"', '"vision"', '"text"', '"both"'],
  ]);
});

test("a misspelt dotted name is mended as a whole, by sweeps in its place and by settings in their section", async () => {
  const methods = [
    { name: "a", sweep: { "glad.roh": [1] } },
    { name: "b", set: { "glad.alhpa": 0.3, "gald.rho": 1 } },
  ];
  const text = JSON.stringify({ name: "e", protocol: "few-shot", methods });
  expect(await marked({ methods })).toEqual([
    ['"glad.roh"', '"glad.rho"'],
    ['"glad.alhpa"', "methods.1.set.glad.alpha"],
    ['"gald.rho"', "methods.1.set.glad.rho"],
  ]);
  const problems = await experimentProblems(text, "/e.experiment.json");
  expect(problems.map(({ message }) => message)).toEqual([
    'methods[0].sweep: "glad.roh" is not a setting; did you mean "glad.rho"?',
    '"glad.alhpa" is not a setting; did you mean "glad.alpha"? Write "glad": { "alpha": 0.3 }',
    '"gald.rho" is not a setting; did you mean "glad.rho"? Write "glad": { "rho": 1 }',
  ]);
  const [, [moved] = []] = await mended(text);
  expect(JSON.parse(moved!)).toMatchObject({
    methods: [{}, { set: { "gald.rho": 1, glad: { alpha: 0.3 } } }],
  });
});

test("single values where lists are wanted, lists where not, and numbers in quotes are mended", async () => {
  expect(
    await marked({
      seeds: "1, 2",
      shots: 4,
      datasets: "dtd",
      methods: "glad",
      executor: "slurm",
      config: { data: { list: null }, training: { steps: "100" }, lora: { rank: [4] } },
    }),
  ).toEqual([
    ['"1, 2"', "[1, 2]", "seeds"],
    ["4", "[4]", "shots"],
    ['"dtd"', '["dtd"]', "datasets"],
    ['"glad"', '["glad"]', "methods"],
    ['"slurm"', '{ "kind": "slurm" }', "executor"],
    ['"100"', "100", "steps"],
    ["[4]", "4", "rank"],
  ]);
});

test("what is missing is put in, with all comments where they were", async () => {
  const file = `{
  // what is compared
  "methods": [{ "preset": "lora" }], // one
  "executor": {}
}`;
  const [[name] = [], [protocol] = [], [method] = [], kinds] = await mended(file);
  expect(name).toBe(file.replace("{\n", '{\n  "name": "my-own",\n'));
  expect(protocol).toBe(file.replace("{\n", '{\n  "protocol": "few-shot",\n'));
  expect(method).toBe(file.replace('"preset"', '"name": "method 1", "preset"'));
  expect(kinds).toEqual(
    ["local", "slurm"].map((kind) => file.replace("{}", `{ "kind": "${kind}" }`)),
  );
});

test("data sets that the protocol own lacks are one mark with one mend, unless they stand there as null", async () => {
  const file = '{\n  "name": "e",\n  "protocol": "own"\n}';
  const problems = await experimentProblems(file, "/e.experiment.json");
  expect(problems.map(({ message }) => message)).toEqual([
    "source and targets are missing: the protocol own has no default data sets; give both",
  ]);
  const [[text] = [], ...more] = await mended(file);
  expect(more).toEqual([]);
  expect(text).toBe(
    file.replace(
      "{\n",
      '{\n  "source": { "root": "./images" },\n  "targets": [{ "root": "./others" }],\n',
    ),
  );
  expect(await experimentProblems(text!, "/e.experiment.json")).toEqual([]);
  expect(await marked({ protocol: "own", source: null, targets: null })).toEqual([
    ["null", '{ "root": "./images" }'],
    ["null", '[{ "root": "./others" }]'],
  ]);
  // One of them is given, or was meant.
  const targets = ["{", '"targets": [{ "root": "./others" }]'];
  expect(await marked({ protocol: "own", source: { root: "a" } })).toEqual([targets]);
  expect(await marked({ protocol: "own", sourc: { root: "a" } })).toEqual([
    targets,
    ['"sourc"', '"source"'],
  ]);
});

test("settings of the runs that stand in the experiment itself, or are called otherwise, are led to where they belong", async () => {
  const wrong = {
    ...{ lr: 0.1, device: "cpu", seed: 1, num_shots: [1], images: "./photos", epochs: 3 },
    datasets: [{ path: "./photos" }],
    methods: [{ name: "a", r: 4, lora_alpha: 2, seed: 1 }],
  };
  expect(await marked(wrong)).toEqual([
    ['"lr"', "config.optimizer.learningRate"],
    ['"device"', "config.device"],
    ['"seed"', '"seeds"'],
    ['"num_shots"', '"shots"'],
    ['"images"', '"root"'],
    ['"epochs"', "epochs"],
    ['"path"', '"root"'],
    ['"r"', "methods.0.set.lora.rank"],
    ['"lora_alpha"', "methods.0.set.lora.alpha"],
    ['"seed"', "seed"],
  ]);
  const text = JSON.stringify({ name: "e", protocol: "few-shot", ...wrong });
  const said = (await experimentProblems(text, "/e.experiment.json")).map(
    ({ message }) => /did you mean "(.*)"\?/.exec(message)?.[1],
  );
  expect(said.slice(0, 2)).toEqual(["config.optimizer.learningRate", "config.device"]);
  expect(said.at(-3)).toBe("set.lora.rank");
});

test("they are not led to where they are refused again, nor to what only looks alike", async () => {
  const text = JSON.stringify({
    ...{ name: "e", protocol: "few-shot", zeroShot: true, data_path: "./photos" },
    datasets: [{ root: "./a", model_name: "x" }],
  });
  const problems = await experimentProblems(text, "/e.experiment.json");
  const mended = problems.map((problem) =>
    mendsIn(text, problem).map(({ does, what }) => `${does} ${what}`),
  );
  expect(mended).toEqual([["leaveOut zeroShot"], ['change "root"'], ["leaveOut model_name"]]);
  expect(await marked({ methods: [{ name: "a", output: "x" }] })).toEqual([['"output"', "output"]]);
});

test("settings that are not theirs to give are taken out", async () => {
  expect(
    await marked({
      source: "dtd",
      config: { seed: 3, data: { shots: 2 } },
      methods: [{ name: "a", set: { output: "x" } }],
    }),
  ).toEqual([
    ['"dtd"', "source"],
    ["3", "seed"],
    ["2", "shots"],
    ['"x"', "output"],
  ]);
});

test("a misplaced key of what the experiment gives is taken out, and not moved to where it is refused again", async () => {
  const text = JSON.stringify({
    ...{ name: "e", protocol: "few-shot", shots: [4] },
    config: { shots: 4, rank: 2 },
    methods: [{ name: "a", set: { zeroShot: false } }],
  });
  const problems = await experimentProblems(text, "/e.experiment.json");
  expect(problems.map(({ message }) => message)).toEqual([
    '"shots" is not a setting here, because the experiment gives data.shots to its runs by shots; take it out',
    '"rank" is not a setting; did you mean "lora.rank"?',
    '"zeroShot" is not a setting here, because the experiment gives evaluation.zeroShot to its runs by methods; take it out',
  ]);
  expect(problems.map((problem) => mendsIn(text, problem).map(({ does }) => does))).toEqual([
    ["leaveOut"],
    ["move"],
    ["leaveOut"],
  ]);
});

test("all that is wrong is told at once: in the file itself, in config, in methods and data sets", async () => {
  const wrong = {
    seeds: ["1"],
    shots: [1, 1],
    datasets: [5, "dtdd"],
    config: { lora: { rnak: 4, dropout: 2 }, seed: 1, output: 5 },
    methods: [
      { name: "a", sett: {}, preset: "x" },
      { name: "b", set: { glad: { rho: -1 } } },
    ],
    exekutor: {},
  };
  const parts = (await marked(wrong)).map(([part]) => part);
  expect(parts).toEqual([
    '"1"',
    "[1,1]",
    "5",
    '"dtdd"',
    '"rnak"',
    "2",
    "1",
    "5",
    '"sett"',
    '"x"',
    "-1",
    '"exekutor"',
  ]);
});

test("a misspelt key is not missing as well", async () => {
  const own = { protocol: "own", sourc: { root: "a" }, targets: [{ root: "b" }] };
  expect(await marked(own)).toEqual([['"sourc"', '"source"']]);
});

test("an empty file is named, with how to begin", async () => {
  for (const text of ["", "\n", "// later\n"]) {
    const [problem, ...more] = await experimentProblems(text, "/a/b.experiment.json");
    expect(more).toEqual([]);
    expect(problem!.message).toMatch(/^b\.experiment\.json is empty: .*"GLAD: New Experiment"/);
  }
});

test("a text is looked at once for all who ask of it", async () => {
  const text = '{ "name": "e", "protocol": "few-shto" }';
  const first = await experimentProblems(text, "/e.experiment.json");
  expect(await experimentProblems(text, "/e.experiment.json")).toBe(first);
  expect(await experimentProblems(text, "/my own.experiment.json")).not.toBe(first);
  expect(await experimentProblems(text.replace("shto", "shot"), "/e.experiment.json")).toEqual([]);
});

test("a sweep over no setting is mended where it is clear which was meant", async () => {
  const sweep = { "glad.roh": [0.1], "wandb.project": [1], epochs: [1, 2], "optimizer.lr": [1] };
  expect(await marked({ methods: [{ name: "a", sweep }] })).toEqual([
    ['"glad.roh"', '"glad.rho"'],
    ['"wandb.project"', "wandb.project"],
    ['"epochs"', "epochs"],
    ['"optimizer.lr"', '"optimizer.learningRate"'],
  ]);
});
