import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataRoot, promptTemplate, resolveData } from "../../src/data/dataRoot";
import { openData } from "../../src/data/openData";
import { dataSets } from "../../src/data/sets/index";
import { changeSettings, readSettings, settingsFile } from "../../src/data/userSettings";
import { configSchema } from "../../src/protocol/config";
import { writeMiniature } from "../support/miniatures";
import { temporaryFolder, writeFiles } from "../support/temporaryFolder";

let home: string;
beforeEach(() => {
  home = temporaryFolder();
  vi.stubEnv("XDG_CONFIG_HOME", home);
});
afterEach(() => void vi.unstubAllEnvs());

const config = (data: object) => configSchema.parse({ data }).data;

describe("data.root", () => {
  it("is the configuration's, or else the link, or else the folder of all", async () => {
    expect(() => dataRoot(config({ dataset: "DTD" }))).toThrow(
      'data.root: is not given, and dtd is not linked; name its folder, or let it be remembered by "glad data link dtd PATH"',
    );
    expect(() => dataRoot(config({}))).toThrow(/^data\.root: is not given; name the folder/);
    await changeSettings(({ data }) => (data.root = "/all"));
    expect(dataRoot(config({ dataset: "dtd" }))).toBe("/all");
    await changeSettings(({ data }) => (data.links.dtd = "/textures"));
    expect(dataRoot(config({ dataset: "DescribableTextures" }))).toBe("/textures");
    expect(dataRoot(config({ dataset: "sun397" }))).toBe("/all");
    expect(dataRoot(config({ dataset: "dtd", root: "/own" }))).toBe("/own");
    expect(() => dataRoot(config({}))).toThrow(/is not given/);
  });

  it("may be left out of a run's configuration, through links of the file system as well", async () => {
    const root = temporaryFolder();
    const folder = writeMiniature(root, "eurosat");
    const data = config({ dataset: "eurosat", shots: 1 });
    const given = openData({ ...data, root }, "base-to-novel", 1);
    const link = join(temporaryFolder(), "somewhere");
    symlinkSync(folder, link);
    await changeSettings(({ data: { links } }) => (links.eurosat = link));
    const linked = openData(data, "base-to-novel", 1);
    expect(linked.imageRoot).toBe(join(link, "2750"));
    expect({ ...linked, imageRoot: "", notes: [] }).toEqual({ ...given, imageRoot: "", notes: [] });
    expect(resolveData(data).root).toBe(link);
  });
});

describe("the prompt", () => {
  it("is the configuration's text, or CoOp's of the data set", () => {
    const template = (dataset: string, text = "dataset") =>
      promptTemplate(config({ dataset, template: text }));
    expect(template("dtd", "a texture of {}.")).toBe("a texture of {}.");
    expect(template("folder")).toBe("a photo of a {}.");
    expect(promptTemplate(config({ dataset: "food101" }))).toBe("a photo of a {}.");
    expect(dataSets.map(({ name }) => `${name}: ${template(name)}`)).toMatchInlineSnapshot(`
      [
        "imagenet: a photo of a {}.",
        "caltech101: a photo of a {}.",
        "oxfordpets: a photo of a {}, a type of pet.",
        "stanfordcars: a photo of a {}.",
        "flowers102: a photo of a {}, a type of flower.",
        "food101: a photo of {}, a type of food.",
        "fgvcaircraft: a photo of a {}, a type of aircraft.",
        "sun397: a photo of a {}.",
        "dtd: {} texture.",
        "eurosat: a centered satellite photo of {}.",
        "ucf101: a photo of a person doing {}.",
        "imagenetv2: a photo of a {}.",
        "imagenet-sketch: a photo of a {}.",
        "imagenet-a: a photo of a {}.",
        "imagenet-r: a photo of a {}.",
      ]
    `);
  });

  it("must have a place for the name", () => {
    expect(() => config({ template: "a photo" })).toThrow(/or be \\"dataset\\"/);
  });

  it("is frozen as text", () => {
    const data = config({ root: "/data", dataset: "oxford_pets", template: "dataset" });
    expect(resolveData(data)).toEqual({
      ...data,
      root: "/data",
      template: "a photo of a {}, a type of pet.",
    });
  });
});

describe("the user's settings", () => {
  it("lie in $XDG_CONFIG_HOME, or in ~/.config", () => {
    expect(settingsFile()).toBe(join(home, "glad/settings.json"));
    const usual = join(homedir(), ".config/glad/settings.json");
    expect(settingsFile({})).toBe(usual);
    expect(settingsFile({ XDG_CONFIG_HOME: "relative" })).toBe(usual);
    expect(readSettings()).toEqual({ data: { root: null, links: {} } });
  });

  it("are written whole, so that they can be read and edited", async () => {
    await changeSettings(({ data }) => (data.root = "/data"));
    const text = readFileSync(settingsFile(), "utf8");
    expect(text).toBe('{\n  "data": {\n    "root": "/data",\n    "links": {}\n  }\n}\n');
    writeFileSync(settingsFile(), '{"data": {"links": {"dtd": "/dtd"}}}');
    expect(readSettings()).toEqual({ data: { root: null, links: { dtd: "/dtd" } } });
  });

  it.each([
    ['{"data": {"rot": "/data"}}', 'data: Unrecognized key: "rot"; mend the file, or remove it'],
    ['{"data": {"root": 1}}', "data.root: Invalid input: expected string, received number"],
    ["{", "is not valid JSON"],
  ])("must be right: %s", (text, message) => {
    mkdirSync(join(home, "glad"));
    writeFiles(home, { "glad/settings.json": text });
    expect(() => readSettings()).toThrow(
      expect.objectContaining({
        name: "UserError",
        message: expect.stringContaining(`${settingsFile()}: ${message}`) as unknown,
      }),
    );
  });
});
