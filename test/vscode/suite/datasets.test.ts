import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { childNodes, type DataNode, nodeContext } from "../../../src/host/data/dataNodes";
import type { Services } from "../../../src/host/services";
import { activate, inWorkspace, until } from "./support";

type Post = Parameters<Parameters<Services["dataPanels"]["onPost"]>[0]>[0];

const home = mkdtempSync(join(tmpdir(), "glad-datasets-"));
const outside = join(home, "leaves");
const posts: Post[] = [];
let services: Services;

/** A picture of one pixel, which is a GIF of 35 bytes. */
function pixel(red: number, green: number, blue: number): Buffer {
  const head = [1, 0, 1, 0, 0x80, 0, 0, red, green, blue, 0, 0, 0];
  const image = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b];
  return Buffer.concat([Buffer.from("GIF89a"), Buffer.from([...head, ...image])]);
}

function writeClass(folder: string, count: number, red: number): void {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}.gif`), pixel(red, i, 9));
}

/** The last message of a kind that was sent to a page and that fits. */
function posted<T extends Post["type"]>(
  type: T,
  fits: (post: Extract<Post, { type: T }>) => boolean = () => true,
) {
  return posts
    .filter((post): post is Extract<Post, { type: T }> => post.type === type)
    .findLast(fits);
}

/** All items of the tree, each before what is below it. */
function allNodes(nodes: readonly DataNode[] = services.dataTree.nodes): DataNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(childNodes(node, services.data))]);
}

function setNodes() {
  return allNodes().filter((node) => node.kind === "set");
}

function classNames(folder: string): string {
  const set = setNodes().find(({ report }) => report.folder === folder);
  return (set?.report.classes ?? []).map(({ name }) => name).join(" ");
}

before(async () => {
  // The program's settings of the person who runs the tests are neither read nor changed.
  process.env.XDG_CONFIG_HOME = join(home, "settings");
  writeClass(inWorkspace("photos", "ant").fsPath, 8, 10);
  writeClass(inWorkspace("photos", "bee").fsPath, 8, 20);
  writeClass(join(outside, "oak"), 6, 30);
  writeClass(join(outside, "elm"), 6, 40);
  services = await activate();
  services.dataPanels.onPost((post) => posts.push(post));
  await vscode.commands.executeCommand("glad.datasets.focus");
});

after(() => rmSync(home, { recursive: true, force: true }));

describe("the view of data sets", () => {
  const photos = (): string => inWorkspace("photos").fsPath;

  it("finds the workspace's folder of images, with its classes, splits and notes", async () => {
    await until("the data set", () => classNames(photos()) === "ant bee");
    const texts = allNodes().map(nodeContext);
    assert.ok(texts.includes(";set;workspace;folder;read;"));
    assert.equal(texts.filter((text) => text === ";class;").length, 2);
    assert.equal(texts.filter((text) => text === ";split;").length, 3);
    assert.ok(texts.includes(";finding;"));
  });

  it("notices by itself that a class was added", async () => {
    writeClass(join(photos(), "cat"), 8, 50);
    await until("the class", () => classNames(photos()) === "ant bee cat");
  });

  it("takes folders that are added or dropped, keeps them, and lets them go", async () => {
    await vscode.commands.executeCommand("glad.addDataFolder", vscode.Uri.file(outside));
    await until("the folder", () => classNames(outside) === "elm oak");
    assert.deepEqual(services.added.folders, [outside]);
    const added = setNodes().find(({ report }) => report.folder === outside)!;
    assert.match(nodeContext(added), /;added;/);
    await vscode.commands.executeCommand("glad.removeDataFolder", added);
    await until("its end", () => classNames(outside) === "");
    assert.deepEqual(services.added.folders, []);
    const transfer = new vscode.DataTransfer();
    const uris = [vscode.Uri.file(outside), vscode.Uri.file(join(outside, "elm", "0.gif"))];
    transfer.set("text/uri-list", new vscode.DataTransferItem(uris.join("\r\n")));
    await services.dataTree.drop(transfer);
    await until("the dropped folder", () => classNames(outside) === "elm oak");
    assert.deepEqual(services.added.folders, [outside]);
    assert.deepEqual(readdirSync(outside), ["elm", "oak"]);
  });

  it("shows a class as a contact sheet, its thumbnails kept outside of the folder", async () => {
    const bee = allNodes().find(
      (node) => node.kind === "class" && node.set.report.folder === photos() && node.label === 1,
    );
    await vscode.commands.executeCommand("glad.showClass", bee);
    const sheet = await until("the sheet", () => posted("sheet", ({ title }) => title === "bee"));
    assert.equal(sheet.images.length, 8);
    const shown = (): string[] =>
      posts
        .flatMap((post) => (post.type === "thumbnails" ? post.thumbnails : []))
        .flatMap(({ uri, path }) => (uri === null ? [] : [path]));
    await until("all thumbnails", () => shown().length === 8);
    assert.deepEqual(readdirSync(photos()), ["ant", "bee", "cat"]);
    const kept = join(services.context.globalStorageUri.fsPath, "thumbnails");
    assert.ok(existsSync(kept) && readdirSync(kept).length > 0);
  });

  it("checks a data set, and its problems stand in the tree", async () => {
    writeFileSync(join(photos(), "ant", "bad.gif"), "no picture");
    await services.data.refresh();
    const set = setNodes().find(({ report }) => report.folder === photos());
    await vscode.commands.executeCommand("glad.checkData", set);
    const check = await until("the check", () => posted("check", ({ state }) => state === "done"));
    const failed = check.reports[0]!.findings.filter(({ state }) => state === "failed");
    assert.equal(failed.length, 1);
    assert.equal(failed[0]!.images![0]![0]!.path, "ant/bad.gif");
    await until("the problem", () =>
      allNodes().some((node) => node.kind === "finding" && node.finding.state === "failed"),
    );
    assert.ok(posted("progress"));
  });

  it("previews the split of a data set, and of one of its classes", async () => {
    const { prompts } = services;
    const answers = ["2 shots", "Seed 3"];
    services.prompts = {
      ...prompts,
      pick: (items) => Promise.resolve(items.find(({ label }) => answers.includes(label))),
    };
    const set = setNodes().find(({ report }) => report.folder === outside);
    await vscode.commands.executeCommand("glad.previewSplit", set);
    services.prompts = prompts;
    const split = await until("the split", () => posted("split"));
    assert.deepEqual(
      split.table.splits.map(({ split: name, images }) => [name, images]),
      [
        ["train", 4],
        ["val", 2],
        ["all", 4],
      ],
    );
    assert.deepEqual(split.source, {
      page: "split",
      of: { root: outside, dataset: "folder", shots: 2, seed: 3 },
    });
  });

  it("previews the split of a configuration, whose folder counts as configured from then on", async () => {
    const config = inWorkspace("glad.json");
    writeFileSync(
      config.fsPath,
      '{ "data": { "root": "photos", "shots": 1 }, "protocol": "base-to-novel" }',
    );
    await vscode.commands.executeCommand("glad.previewSplit", config);
    const split = await until("the split", () =>
      posted("split", ({ source }) => source.page === "split" && "config" in source.of),
    );
    assert.deepEqual(
      split.table.splits.map(({ split: name }) => name),
      ["train", "val", "base", "novel"],
    );
    await until("the folder as a configured one", () =>
      allNodes().some((node) => nodeContext(node) === ";set;configuration;folder;read;"),
    );
  });

  it("links a data set, and says what is wrong where it is none", async () => {
    const { prompts } = services;
    services.prompts = {
      ...prompts,
      pick: (items) => Promise.resolve(items[0]),
      folder: () => Promise.resolve(vscode.Uri.file(home)),
    };
    await vscode.commands.executeCommand("glad.linkDataSet");
    services.prompts = prompts;
    const linked = (): DataNode | undefined =>
      services.dataTree.nodes.find((node) => nodeContext(node).includes(";linked;"));
    assert.ok(existsSync(join(home, "settings/glad/settings.json")));
    await vscode.commands.executeCommand("glad.refreshData");
    assert.equal(linked(), undefined, "no published data set lies there");
    rmSync(join(home, "settings"), { recursive: true });
  });
});
