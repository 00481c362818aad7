import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { Services } from "../../../src/host/services";
import { activate, demoSettings, inWorkspace, until, writeInWorkspace } from "./support";

let services: Services;
let document: vscode.TextDocument;

const ours = (): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "GLAD");

/** Puts a text into the configuration and waits until exactly these parts of it are marked. */
async function written(text: string, ...parts: string[]): Promise<vscode.Diagnostic[]> {
  const edit = new vscode.WorkspaceEdit();
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  edit.replace(document.uri, all, text);
  await vscode.workspace.applyEdit(edit);
  await document.save();
  await marked(...parts);
  return ours();
}

/** Waits until exactly these parts of the text are marked. */
async function marked(...parts: string[]): Promise<void> {
  const now = (): string =>
    ours()
      .map(({ range }) => document.getText(range))
      .join();
  await until(`marks on "${parts.join()}"`, () => now() === parts.join());
}

/** What the editor offers at a mark, once it offers anything: it asks its extensions in its own time. */
async function actionsAt({ range }: vscode.Diagnostic): Promise<vscode.CodeAction[]> {
  for (const end = Date.now() + 60_000; ;) {
    const all = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      range,
    );
    const quick = all.filter(({ kind }) => kind?.value === "quickfix");
    if (quick.length > 0) return quick;
    assert.ok(Date.now() < end, "no action is offered");
    await new Promise((settle) => setTimeout(settle, 200));
  }
}

/** What stands over the first line. */
const allLenses = (): Thenable<vscode.CodeLens[]> =>
  vscode.commands.executeCommand("vscode.executeCodeLensProvider", document.uri, 10);
const lenses = async (): Promise<(string | undefined)[]> =>
  (await allLenses()).map(({ command }) => command?.command);
const titles = async (): Promise<(string | undefined)[]> =>
  (await allLenses()).map(({ command }) => command?.title);

/** A configuration of the demo's model and pictures, with further settings. */
async function demo(data: Record<string, unknown>, more: object = {}): Promise<string> {
  const settings = await demoSettings(services);
  const changed = { ...settings, ...more, name: "mine", data: { ...settings.data, ...data } };
  return JSON.stringify(changed, null, 2);
}

before(async () => {
  writeInWorkspace("glad.json", '{\n  // images\n  "modle": "x",\n  "data": { "shots": -1 }\n}\n');
  services = await activate();
  document = await vscode.workspace.openTextDocument(inWorkspace("glad.json"));
  await vscode.window.showTextDocument(document);
});

describe("a configuration", () => {
  it("is marked where its text is wrong, and mended by a quick fix", async () => {
    assert.equal(document.languageId, "jsonc");
    await marked('"modle"', "-1");
    const actions = await actionsAt(ours()[0]!);
    const fix = actions.find(({ title }) => title === 'Change to "model"');
    assert.ok(fix, actions.map(({ title }) => title).join());
    await vscode.workspace.applyEdit(fix.edit!);
    await marked("-1");
  });

  it("is marked where its model is not there, with a fix that pulls it", async () => {
    const text = await demo({}, { model: "nobody/no-such-clip" });
    const [mark] = await written(text, '"nobody/no-such-clip"');
    const pull = (await actionsAt(mark!)).find(({ command }) => command)!;
    assert.equal(pull.title, "Pull Model nobody/no-such-clip");
    assert.deepEqual(pull.command!.arguments, ["nobody/no-such-clip"]);
  });

  it("is marked where it says no images, with fixes that say which, and nothing to start over it", async () => {
    for (const name of ["cat", "dog"])
      for (let i = 0; i < 8; i++)
        writeInWorkspace(`animals/${name}/${i}.jpg`, "never opened: only counted");
    await services.data.refresh();
    const [mark] = await written(await demo({ root: null }), "null");
    assert.deepEqual(await titles(), ["$(error) 1 problem to mend"]);
    const actions = await actionsAt(mark!);
    const fix = actions.find(({ title }) => title === 'Change data.root to "./animals"');
    assert.ok(fix, actions.map(({ title }) => title).join());
    const choose = actions.find(({ title }) => title === "Choose the folder of images...")!;
    const { prompts } = services;
    services.prompts = { ...prompts, folder: () => Promise.resolve(inWorkspace("animals")) };
    const { command, arguments: given = [] } = choose.command!;
    await vscode.commands.executeCommand(command, ...(given as unknown[]));
    services.prompts = prompts;
    assert.match(document.getText(), /"root": "\.\/animals"/);
  });

  it("is looked at again, when somebody looks at it, where images were put that were not there", async () => {
    await written(await demo({ root: "./later", shots: 2 }), '"./later"');
    assert.deepEqual(await titles(), ["$(error) 1 problem to mend"]);
    for (const name of ["cat", "dog"])
      for (let i = 0; i < 8; i++) writeInWorkspace(`later/${name}/${i}.jpg`, "only counted");
    const editor = await vscode.window.showTextDocument(document);
    let line = 0;
    await until("no mark", () => {
      line = (line + 1) % 5;
      editor.selection = new vscode.Selection(line, 0, line, 0);
      return ours().length === 0;
    });
    assert.ok((await titles()).includes("$(play) Train"), (await titles()).join());
  });

  it("is marked where a class has fewer images than shots, with fixes that suit", async () => {
    const [mark] = await written(await demo({ shots: 999 }), "999");
    const [fewer, all] = await actionsAt(mark!);
    assert.match(fewer!.title, /^Change data\.shots to \d+$/);
    assert.equal(all!.title, "Change data.shots to null");
    await vscode.workspace.applyEdit(fewer!.edit!);
    await marked();
  });

  it("is marked where a run cannot fit into memory, with fixes that suit", async () => {
    const training = { steps: 10, batchSize: 10_000_000, microBatchSize: 10_000_000 };
    const [mark] = await written(await demo({}, { training }), "10000000");
    assert.match(mark!.message, /GiB/);
    const titles = (await actionsAt(mark!)).map(({ title }) => title);
    assert.ok(titles.includes('Change training.microBatchSize to "auto"'), titles.join());
  });

  it("is marked once where it is no JSON, by the editor, and explained there as well", async () => {
    const text = '{\n  "data": { "shots": eight }\n}';
    await written('{ "seed": "3" }', '"3"');
    const [meant, leftOut] = await actionsAt(ours()[0]!);
    assert.deepEqual([meant!.title, leftOut!.title], ["Change to 3", "Leave out seed"]);
    assert.ok(meant!.isPreferred);
    await written(text);
    const all = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(document.uri);
    await until("one mark, the editor's own", () => all().length === 1 && ours().length === 0);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      document.positionAt(text.indexOf('"shots"') + 2),
    );
    const said = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
    assert.match(said.map(({ value }) => value).join(), /Training images per class/);
    assert.deepEqual(await lenses(), ["editor.action.marker.next"]);
    assert.deepEqual(await titles(), ["$(error) Not valid JSON"]);
    // Nothing marks an empty file but us.
    const [empty] = await written("// nothing yet\n", "/");
    assert.match(empty!.message, /^glad\.json is empty: /);
  });

  it("explains its keys, with their defaults, and completes whole recipes", async () => {
    const text = await demo({});
    await written(text);
    const { executeCommand } = vscode.commands;
    const at = document.positionAt(text.indexOf('"shots"') + 2);
    const hovers = (): Thenable<vscode.Hover[]> =>
      executeCommand("vscode.executeHoverProvider", document.uri, at);
    const said = async (): Promise<string> =>
      (await hovers())
        .flatMap(({ contents }) => contents as vscode.MarkdownString[])
        .map(({ value }) => value)
        .join("\n");
    // The editor's own JSON support starts when it is first needed.
    let explained = "";
    for (let i = 0; i < 100 && !explained.includes("Default"); i++) {
      explained = await said();
      await new Promise((settle) => setTimeout(settle, 100));
    }
    assert.match(explained, /Training images per class.*Default: `16`/s);
    await written("", "");
    const { items } = await executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      document.uri,
      new vscode.Position(0, 0),
    );
    const labels = items.map(({ label }) => (typeof label === "string" ? label : label.label));
    for (const label of ["Own images", "Base to novel on Caltech-101", "Go on from an adapter"])
      assert.ok(labels.includes(label), `${label} among ${labels.join(", ")}`);
  });

  it("is marked once for each fault, and its keys and values are completed all the same", async () => {
    // The editor itself tells of keys that are there twice; once it has, it has looked at the rest as well.
    const text = `{
  "modle": "x",
  "data": { "shots": -1,  },
  "training": { "precision": "",  "steps": 1, "steps": 2 }
}`;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
    const all = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(document.uri);
    const twice = ({ message }: vscode.Diagnostic): boolean => message === "Duplicate object key";
    await until("the editor's own marks", () => all().some(twice));
    await until("our mark", () => ours().some(({ message }) => /second time/.test(message)));
    const others = all().filter((mark) => mark.source !== "GLAD" && !twice(mark));
    assert.deepEqual(
      others.map(({ message }) => message),
      [],
    );
    const completed = async (after: string): Promise<string[]> => {
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        document.uri,
        document.positionAt(text.indexOf(after) + after.length),
      );
      return items.map(({ label }) => (typeof label === "string" ? label : label.label));
    };
    const keys = await completed('"shots": -1, ');
    for (const key of ["root", "dataset"]) assert.ok(keys.includes(key), keys.join());
    assert.ok(!keys.includes("shots"), keys.join());
    const values = await completed('"precision": "');
    for (const value of ["float32", "float16"])
      assert.ok(values.includes(`"${value}"`), values.join());
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      document.positionAt(text.indexOf('"shots"') + 2),
    );
    const said = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
    assert.match(
      said.map(({ value }) => value).join(),
      /Training images per class.*Default: `16`/s,
    );
  });

  it("has lenses for what can be done: to train, and with a run to open its results", async () => {
    await written(await demo({}, { training: { steps: 1 }, output: "./.glad" }));
    assert.deepEqual(await lenses(), ["glad.train", "glad.zeroShot"]);
    // A double click means one run.
    const train = () => vscode.commands.executeCommand<string>("glad.train", document.uri);
    const [id, second] = await Promise.all([train(), train()]);
    assert.equal(second, id);
    assert.equal(services.store.runs.length, 1);
    await until("the run's end", () => services.store.get(id)?.state === "finished");
    assert.deepEqual(await lenses(), ["glad.train", "glad.zeroShot", "glad.openLastResults"]);

    const { prompts } = services;
    services.prompts = { ...prompts, input: () => Promise.resolve("another") };
    await vscode.commands.executeCommand("glad.renameRun", id);
    services.prompts = prompts;
    const renamed = services.store.runs.find(({ name }) => name.endsWith("-another"))!;
    assert.deepEqual(await lenses(), ["glad.train", "glad.zeroShot", "glad.openLastResults"]);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await vscode.commands.executeCommand("glad.openLastResults", document.uri);
    assert.deepEqual(services.panels.shown.flat(), [renamed.id]);
    await vscode.window.showTextDocument(document);
  });

  it("is made by a few questions, with a word on each setting, and opened", async () => {
    const { prompts } = services;
    const make = async (...answers: string[]): Promise<vscode.TextDocument> => {
      services.prompts = {
        ...prompts,
        pick: (items) =>
          Promise.resolve(
            items.find(({ label }) => label.includes(answers[0]!) && answers.shift()),
          ),
        folder: () => Promise.resolve(inWorkspace("pictures")),
      };
      const file = await vscode.commands.executeCommand<string>("glad.newConfiguration");
      services.prompts = prompts;
      assert.equal(vscode.window.activeTextEditor!.document.uri.fsPath, file);
      return vscode.window.activeTextEditor!.document;
    };
    const model = "openai/clip-vit-base-patch32";
    const published = await make(model, "caltech101", "Base to novel");
    assert.equal(published.uri.fsPath, inWorkspace("pictures.glad.json").fsPath);
    for (const part of [model, '"caltech101"', '"./pictures"', "base-to-novel", "// "])
      assert.ok(published.getText().includes(part), part);

    // Of images of one's own no more shots than there are.
    for (const name of ["ant", "bee"])
      for (let i = 0; i < 8; i++)
        writeInWorkspace(`pictures/${name}/${i}.jpg`, "never opened: only counted");
    const own = await make(model, "A folder of images", "All classes");
    assert.equal(own.uri.fsPath, inWorkspace("pictures-2.glad.json").fsPath);
    assert.match(own.getText(), /"dataset": "folder"[^]*"shots": 4\n/);

    // Images that were found need no looking for.
    await services.data.refresh();
    const found = await make(model, "pictures", "All classes");
    assert.equal(found.uri.fsPath, inWorkspace("pictures-3.glad.json").fsPath);
    assert.match(found.getText(), /"root": "\.\/pictures"[^]*"shots": 4\n/);
  });
});

describe("the keys", () => {
  it("are none that the editor has already", async () => {
    await vscode.commands.executeCommand("workbench.action.openDefaultKeybindingsFile");
    const text = await until("the default keys", () => {
      const shown = vscode.window.activeTextEditor?.document;
      return shown?.uri.path.includes("keybindings") ? shown.getText() : "";
    });
    const manifest = vscode.extensions.getExtension("glad.glad")!.packageJSON as {
      contributes: { keybindings: { key: string; command: string; when: string }[] };
    };
    const all = [
      ...text.matchAll(/"key": "([^"]+)",\s*"command": "([^"]+)"(?:,\s*"when": "([^"]*)")?/g),
    ];
    assert.ok(all.length > 500, `${all.length} keys`);
    for (const { key, when } of manifest.contributes.keybindings) {
      // In the tree F2 and Delete mean what they mean in every list.
      if (when.includes("focusedView == glad.runs")) continue;
      const [chord] = key.split(" ");
      const taken = all.filter(
        ([, other, command, where = ""]) =>
          other!.split(" ")[0] === chord &&
          !command!.startsWith("glad.") &&
          // A terminal that has the focus keeps its keys.
          !(where.includes("terminalFocus") && when.includes("!terminalFocus")),
      );
      assert.deepEqual(
        taken.map(([line]) => line),
        [],
        key,
      );
    }
  });
});
