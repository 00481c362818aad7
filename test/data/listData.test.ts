import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { listData, type ListRequest } from "../../src/data/listData";
import { changeSettings } from "../../src/data/userSettings";
import type { ListEvent } from "../../src/protocol/dataReport";
import { writeMiniature } from "../support/miniatures";
import { emptyImages, temporaryFolder, writeFiles } from "../support/temporaryFolder";

beforeEach(() => {
  vi.stubEnv("XDG_CONFIG_HOME", temporaryFolder());
});

type SetEvent = Extract<ListEvent, { type: "set" }>;

async function list(request: Partial<ListRequest>) {
  const sets: SetEvent[] = [];
  const watch = await listData(
    { roots: [], linked: false, workspaces: [], ...request },
    (event) => void sets.push(event),
  );
  return { sets, watch, names: sets.map(({ report }) => `${report.dataset} ${report.folder}`) };
}

const animals = (...below: string[]) =>
  Object.assign(
    {},
    ...["ant", "bee"].map((name) => emptyImages(join(...below, name), 4)),
  ) as Record<string, string>;

describe("listing named folders", () => {
  it("tells classes and counts without opening an image", async () => {
    const root = temporaryFolder(animals());
    const { sets } = await list({ roots: [root] });
    expect(sets).toHaveLength(1);
    expect(sets[0]).toMatchObject({ origin: "named", root });
    const { report } = sets[0]!;
    expect(report).toMatchObject({ dataset: "folder", folder: root, imageRoot: root });
    expect(report.classes).toEqual([
      { name: "ant", train: 2, val: 1, test: 1 },
      { name: "bee", train: 2, val: 1, test: 1 },
    ]);
    expect(report.findings.filter(({ state }) => state === "failed")).toEqual([]);
  });

  it("finds the published data sets below a folder, in either layout, also by a link", async () => {
    const [root, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const dtd = writeMiniature(root, "dtd", "CLIP-LoRA");
    writeMiniature(elsewhere, "eurosat");
    symlinkSync(join(elsewhere, "eurosat"), join(root, "eurosat"));
    const { sets, names } = await list({ roots: [root] });
    expect(names).toEqual([`dtd ${dtd}`, `eurosat ${join(root, "eurosat")}`]);
    expect(sets[0]!.report.layout).toBe("CLIP-LoRA's layout");
    expect(sets[1]!.report.classes).toHaveLength(sets[1]!.report.counts!.classes);
  });

  it("believes who says which data set it is", async () => {
    const root = temporaryFolder();
    const dtd = writeMiniature(root, "dtd");
    const other = join(root, "textures");
    renameSync(dtd, other);
    rmSync(join(other, "split_zhou_DescribableTextures.json"));
    const { sets } = await list({ roots: [`dtd=${other}`, `folder=${join(other, "images")}`] });
    expect(sets.map(({ report }) => report.dataset)).toEqual(["dtd", "folder"]);
    expect(sets[0]!.report.findings[0]).toMatchObject({ state: "failed" });
    expect(sets[0]!.report.findings[0]!.text).toContain("split_zhou_DescribableTextures.json");
    expect(sets[0]!.report.downloads).not.toEqual([]);
  });

  it("lists what is not there, with what is wrong", async () => {
    const gone = join(temporaryFolder(), "gone");
    const { sets } = await list({ roots: [gone, `dtd=${gone}`] });
    expect(sets.map(({ report }) => [report.dataset, report.findings[0]!.state])).toEqual([
      ["folder", "failed"],
      ["dtd", "failed"],
    ]);
    expect(sets[0]!.report.findings[0]!.text).toContain("does not exist");
  });
});

describe("listing what is linked", () => {
  it("tells links and what lies in the folder of data sets", async () => {
    const [root, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const eurosat = writeMiniature(root, "eurosat");
    const dtd = writeMiniature(elsewhere, "dtd");
    await changeSettings(({ data }) => {
      data.root = root;
      data.links = { dtd };
    });
    const { sets, names } = await list({ linked: true });
    expect(names.sort()).toEqual([`dtd ${dtd}`, `eurosat ${eurosat}`]);
    expect(new Set(sets.map(({ origin }) => origin))).toEqual(new Set(["linked"]));
    rmSync(root, { recursive: true });
    rmSync(dtd, { recursive: true });
    const { sets: broken } = await list({ linked: true });
    expect(broken.map(({ report }) => report.findings.at(0)!.state)).toEqual(["failed", "failed"]);
  });
});

describe("looking through a workspace", () => {
  it("finds folders of images and published data sets, but nothing hidden and nothing twice", async () => {
    const workspace = temporaryFolder({
      ...animals("photos"),
      ...animals("split", "train"),
      ...animals("split", "test"),
      ...animals(".hidden"),
      ...animals("node_modules", "package"),
      ...emptyImages("docs/pictures", 3),
      "README.md": "",
    });
    mkdirSync(join(workspace, "data"));
    const dtd = writeMiniature(join(workspace, "data"), "dtd");
    symlinkSync(workspace, join(workspace, "docs", "circle"));
    const photos = join(workspace, "photos");
    const { names, sets } = await list({ roots: [photos], workspaces: [workspace] });
    expect(names.slice(0, 3)).toEqual([
      `folder ${photos}`,
      `folder ${join(workspace, "split")}`,
      `dtd ${dtd}`,
    ]);
    expect(sets.map(({ origin }) => origin).slice(0, 3)).toEqual([
      "named",
      "workspace",
      "workspace",
    ]);
  });

  it("takes photos that nobody has sorted yet for no classes beside folders of images", async () => {
    const root = temporaryFolder({
      ...animals("photos"),
      ...animals("night", "train"),
      ...emptyImages("unsorted", 3),
      ...emptyImages("new ones", 3),
    });
    const { names } = await list({ workspaces: [root] });
    expect(names).toEqual(["night", "photos"].map((name) => `folder ${join(root, name)}`));
  });

  it("finds a phone's photos, to say that they are to be converted", async () => {
    const root = temporaryFolder({ "photos/owl/1.HEIC": "", "photos/fox/2.HEIC": "" });
    const { names, sets } = await list({ workspaces: [root] });
    expect(names).toEqual([`folder ${join(root, "photos")}`]);
    const [finding] = sets[0]!.report.findings;
    expect(finding).toMatchObject({ state: "failed" });
    expect(JSON.stringify(finding)).toMatch(/cannot be read here .*convert them to JPEG/);
  });

  it("watches the folders whose change would change the list", async () => {
    const workspace = temporaryFolder(animals("photos"));
    const { watch } = await list({ workspaces: [workspace] });
    expect(watch.sort()).toEqual(
      ["", "photos", "photos/ant", "photos/bee"].map((path) => join(workspace, path)).sort(),
    );
    writeFiles(workspace, { "photos/cat/1.jpg": "", "photos/cat/2.jpg": "" });
    const { sets } = await list({ workspaces: [workspace] });
    expect(sets[0]!.report.classes.map(({ name }) => name)).toEqual(["ant", "bee", "cat"]);
  });
});
