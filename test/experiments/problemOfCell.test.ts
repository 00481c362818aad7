import { expect, test } from "vitest";
import { mendShots } from "../../src/data/fewShot";
import { problemOfCell } from "../../src/experiments/problemOfCell";
import type { ConfigFinding, ConfigFix } from "../../src/protocol/configFinding";
import { plan } from "../support/experimentPlan";

/** What a finding about the last cell of an experiment with this content is in its file. */
function problem(content: object, finding: Partial<ConfigFinding>) {
  const { experiment, cells } = plan({ name: "e", protocol: "few-shot", seeds: [1], ...content });
  const whole = { setting: "", state: "failed" as const, message: "", fixes: [], ...finding };
  const { path, ...rest } = problemOfCell(experiment, cells.at(-1)!, whole);
  return { at: path.join("."), ...rest };
}

/** As `train/checkConfig` finds a class with at most so many images. */
function short(most: number): ConfigFinding {
  const set = (shots: number | null): ConfigFix => ({
    kind: "set",
    values: { "data.shots": shots },
  });
  const message = `data.shots: class "Sea" has only ${most} of the 4 training images asked for; ${mendShots(most)}; more`;
  const fixes = [...(most > 0 ? [set(most)] : []), set(null)];
  return { setting: "data.shots", state: "failed", message, fixes };
}

const said = (most: number): string =>
  `class "Sea" has only ${most} of the 4 training images asked for`;

test("too few images of a class are mended by shots, which are a list", () => {
  expect(problem({ datasets: ["dtd"], shots: [1, 2, 4] }, short(3))).toEqual({
    at: "shots",
    message: `GLAD on dtd: shots: ${said(3)}; set it to a list of numbers of at most 3, e.g. [1, 2]; more`,
    fixes: [{ kind: "set", values: { shots: [1, 2] } }],
  });
  const halves = { protocol: "base-to-novel", datasets: ["eurosat", "dtd"] };
  expect(problem({ ...halves, shots: [4] }, short(3))).toMatchObject({
    message: `GLAD on dtd: shots: ${said(3)}; set it to a list of one number of at most 3, e.g. [3]; more`,
    fixes: [{ kind: "set", values: { shots: [3] } }],
  });
  expect(problem(halves, short(3))).toMatchObject({
    at: "datasets.1",
    message: expect.stringContaining(
      "GLAD on dtd: shots is left out, which takes 16: class",
    ) as string,
  });
  // No number of shots helps where there is no image.
  expect(problem({ datasets: ["dtd"], shots: [4] }, short(0))).toMatchObject({
    message: `GLAD on dtd: shots: ${said(0)}; give the class images, or take the data set out; more`,
    fixes: [],
  });
});

test("of a target its name is told, not the method and what is trained", () => {
  const cross = { protocol: "cross-dataset", source: "dtd", root: "/data" };
  const setting = "evaluation.targets.1";
  const message = "evaluation.targets[1].root: /data does not exist; check the path";
  const listed = { ...cross, targets: ["eurosat", { name: "cars", root: "/cars" }] };
  expect(problem(listed, { setting, message })).toEqual({
    at: "targets.1",
    message: "target cars: root: /data does not exist; check the path",
    fixes: [{ kind: "checkData", root: "/cars" }],
  });
  // One that the protocol takes lies where the root says.
  const read = { setting, message: "/data/oxford_pets/list.txt: is empty" };
  expect(problem(cross, read)).toMatchObject({ at: "root", fixes: [{ kind: "checkData" }] });
  expect(problem(cross, read).message).toBe(
    "target oxfordpets: /data/oxford_pets/list.txt: is empty",
  );
});

test("of what is trained on the place is its data set's, and its folder is called root", () => {
  const pair = { datasets: ["eurosat", { name: "mine", root: "/mine" }] };
  const message =
    "/mine: only one class; if its sub-folders are the classes, give /mine/a as data.root";
  expect(problem(pair, { setting: "data.root", message })).toMatchObject({
    at: "datasets.1",
    message:
      'GLAD on mine: /mine: only one class; if its sub-folders are the classes, give /mine/a as its "root"',
  });
  const testOnly = { setting: "data.dataset", message: 'data.dataset: "x" has test images only' };
  expect(problem({ protocol: "cross-dataset", source: "dtd" }, testOnly)).toMatchObject({
    at: "source",
    message: 'GLAD on dtd: source: "x" has test images only',
  });
});

test("settings are marked and mended where they were written: in config, by a method, by its sweep", () => {
  const datasets = ["dtd"];
  const layers = {
    setting: "lora.layers",
    message: "lora.layers names block 99",
    fixes: [{ kind: "set", values: { "lora.layers": "all" } }] as ConfigFix[],
  };
  const lora = { layers: [99] };
  expect(problem({ datasets, config: { lora } }, layers)).toEqual({
    at: "config.lora.layers",
    message: "GLAD on dtd: lora.layers names block 99",
    fixes: [{ kind: "set", values: { "config.lora.layers": "all" } }],
  });
  expect(
    problem({ datasets, methods: ["sam", { name: "a", set: { lora } }] }, layers),
  ).toMatchObject({
    at: "methods.1.set.lora.layers",
    fixes: [{ kind: "set", values: { "methods.1.set.lora.layers": "all" } }],
  });
  const sweep = { "lora.layers": ["all", [99]] };
  expect(problem({ datasets, methods: [{ name: "a", sweep }] }, layers)).toMatchObject({
    at: "methods.0.sweep.lora.layers.1",
    fixes: [],
  });
  expect(problem({ datasets }, layers)).toMatchObject({
    at: "",
    fixes: [{ kind: "set", values: { "config.lora.layers": "all" } }],
  });
  const remove: ConfigFix[] = [{ kind: "remove", settings: ["lora.rank"] }];
  expect(
    problem({ datasets, config: { lora: { rank: 4 } } }, { setting: "lora.init", fixes: remove }),
  ).toMatchObject({ at: "", fixes: [{ kind: "remove", settings: ["config.lora.rank"] }] });
});

test("of a model and a processor neither method nor data set is named", () => {
  const config = { model: "nobody/clip", device: "cuda:9" };
  const fixes: ConfigFix[] = [{ kind: "pull", model: "nobody/clip" }];
  const model = { setting: "model", message: "nobody/clip: is not there", fixes };
  expect(problem({ datasets: ["dtd"], config }, model)).toEqual({
    ...{ at: "config.model", message: model.message, fixes },
  });
  expect(problem({ datasets: ["dtd"] }, model)).toMatchObject({ at: "", fixes });
  const device = { setting: "device", message: 'device "cuda:9" cannot be used' };
  expect(problem({ datasets: ["dtd"], config }, device)).toMatchObject({
    at: "config.device",
    message: device.message,
  });
});

test("folders of one's own are called what the file calls them, and not what runs do", () => {
  const own = { protocol: "own", source: { root: "日本語 & co" }, targets: [{ root: "夜 & co" }] };
  const target = { setting: "evaluation.targets.0", message: "data.root: is empty" };
  expect(problem(own, target).message).toBe("target 夜 & co: root: is empty");
  expect(problem(own, { setting: "lora.rank", message: "is odd" }).message).toBe(
    "GLAD on 日本語 & co: is odd",
  );
});
