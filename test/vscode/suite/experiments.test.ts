import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { HostExperiment } from "../../../src/host/experiments/hostExperiment";
import { tableText } from "../../../src/host/experiments/tableText";
import { clickCommand } from "../../../src/host/ids";
import type { Services } from "../../../src/host/services";
import { activate, type Demo, demoSettings, inWorkspace, until, writeInWorkspace } from "./support";

let services: Services;
let demo: Demo;
const path = "study/halves.experiment.json";
const file = (): string => inWorkspace("study", "halves.experiment.json").fsPath;
const experiment = (): HostExperiment | undefined => services.experiments.get(file());

const settings = (steps: number) => ({
  ...{ model: demo.model, device: "cpu", threads: 1 },
  training: { steps, batchSize: 8 },
});

/** A small experiment on the demo's drawn world, with a key for each change that a test makes. */
function writeExperiment(change: object = {}, to = path): void {
  const { data } = demo;
  const content = {
    name: "halves",
    protocol: "base-to-novel",
    datasets: [{ name: "photos", root: data.root }],
    seeds: [1, 2],
    shots: [2],
    methods: ["zero-shot", "glad"],
    config: settings(20),
    ...change,
  };
  writeInWorkspace(to, `// a study\n${JSON.stringify(content, null, 2)}\n`);
}

/** What stands over the file's first line. */
async function lenses(): Promise<(string | undefined)[]> {
  const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    vscode.Uri.file(file()),
    10,
  );
  return all.map(({ command }) => command?.title);
}

before(async () => {
  services = await activate();
  demo = await demoSettings(services);
});

describe("an experiment file", () => {
  it("is a file of its own kind, with what can be done with it over its first line", async () => {
    writeExperiment();
    const document = await vscode.workspace.openTextDocument(file());
    await vscode.window.showTextDocument(document);
    assert.equal(document.languageId, "jsonc");
    assert.deepEqual(await lenses(), ["$(run-all) Run", "Status", "Table"]);
  });

  it("is marked where it is wrong, by its text at once and by its data from the program", async () => {
    const marks = (): string[] =>
      vscode.languages
        .getDiagnostics(inWorkspace("study", "halves.experiment.json"))
        .filter(({ source }) => source === "GLAD")
        .map(({ message }) => message);
    writeExperiment({
      datasets: ["caltech-1O1"],
      methods: [{ name: "G", sweep: { "glad.rhoo": [1] } }],
    });
    await until("two marks", () => marks().length === 2);
    // Nothing of it can be started, and there is nothing of it yet.
    assert.deepEqual(await lenses(), ["$(error) 2 problems to mend"]);
    assert.match(marks()[0]!, /unknown data set "caltech-1O1"; the nearest is "caltech101"/);
    assert.match(marks()[1]!, /"glad.rhoo" is not a setting; did you mean "glad.rho"/);
    const mended = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      inWorkspace("study", "halves.experiment.json"),
      new vscode.Range(0, 0, 100, 0),
    );
    const fixes = mended.map(({ title }) => title);
    for (const fix of ['Change to "caltech101"', 'Change to "glad.rho"'])
      assert.ok(fixes.includes(fix), fixes.join());
    await assert.rejects(async () => {
      const failed = await vscode.commands.executeCommand(
        "glad.runExperiment",
        vscode.Uri.file(file()),
      );
      if (failed === undefined) throw new Error("was refused");
    }, /was refused/);
    writeExperiment({ root: "./nowhere", datasets: ["dtd"] });
    await until("the root's mark", () =>
      marks().some((mark) => /there is no folder .*nowhere/.test(mark)),
    );
    writeExperiment();
    await until("no marks", () => marks().length === 0);
  });

  it("is found, and expanded by the program when somebody looks", async () => {
    await vscode.commands.executeCommand("glad.showExperiment", vscode.Uri.file(file()));
    const found = await until("the experiment", () => (experiment()?.record ? experiment() : null));
    assert.equal(found.state, "new");
    assert.deepEqual(
      found.progress.map(({ method, runs }) => [method, runs]),
      [
        ["Zero-shot", 1],
        ["GLAD", 2],
      ],
    );
    assert.ok(services.tree.visible);
  });
});

describe("running it", () => {
  it("starts the runs, shows the table, and keeps them below the experiment", async () => {
    const started = await vscode.commands.executeCommand(
      "glad.runExperiment",
      vscode.Uri.file(file()),
    );
    assert.equal(started, file());
    assert.deepEqual(services.tables.shown, [file()]);
    await until("a run at work", () => experiment()?.state === "running");
    const roots = await services.tree.children();
    assert.ok("kind" in roots[0]! && roots[0].kind === "experiments");
    const [node] = await services.tree.children(roots[0]);
    const cells = await services.tree.children(node);
    assert.deepEqual(
      cells.map((cell) => services.tree.item(cell).label),
      ["Zero-shot", "GLAD"],
    );
    assert.match(
      String(services.tree.item(cells[1]!).description),
      /^[▰▱]{8} \d\/2 seeds · \d+\/40 steps/,
    );
    const runs = await services.tree.children(cells[1]);
    assert.deepEqual(
      runs.map((run) => services.tree.item(run).label),
      ["seed 1", "seed 2"],
    );
    // The editor forgets a command's arguments while it draws the row anew, and then refuses a click.
    for (const each of [node!, ...runs]) {
      const { command } = services.tree.item(each);
      assert.deepEqual([command?.command, command?.arguments], [clickCommand, undefined]);
    }
  });

  it("can be stopped and continued", async () => {
    await vscode.commands.executeCommand("glad.stopExperiment", vscode.Uri.file(file()));
    await until("the stop", () => ["partial", "finished"].includes(experiment()!.state));
    await vscode.commands.executeCommand("glad.continueExperiment", vscode.Uri.file(file()));
    await until("the end", () => experiment()?.state === "finished");
    // The numbers of a run are read once its status says that it has ended.
    await until("all numbers", () => experiment()!.results.every(({ splits }) => splits !== null));
  });

  it("leaves no finished run of it among the others on top", async () => {
    const roots = await services.tree.children();
    assert.equal(roots.length, 1);
    services.tree.setFilter("glad");
    const found = await services.tree.children();
    assert.ok(found.length > 1);
    services.tree.setFilter("");
  });

  it("its table is that of the command line", async () => {
    const args = ["experiment", "table", file(), "--format", "markdown"];
    const { stdout } = await services.program.must(args, { cwd: inWorkspace().fsPath });
    const rendered = tableText(experiment()!, "markdown")!;
    assert.equal(rendered, stdout);
    assert.match(rendered, /\| GLAD \| \d+\.\d\d ± \d+\.\d\d \|/);
  });

  it("a copy of its file is marked at the name that it must change, and is offered one", async () => {
    writeExperiment({ protocol: "few-shot" }, "study/copy.experiment.json");
    const uri = inWorkspace("study", "copy.experiment.json");
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const [mark] = await until("the mark", () => {
      const marks = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "GLAD");
      return marks.length > 0 ? marks : null;
    });
    assert.equal(document.getText(mark!.range), '"halves"');
    assert.match(mark!.message, /^name is "halves", which .*halves\.experiment\.json has/);
    const mended = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      uri,
      mark!.range,
    );
    const fix = mended.find(({ title }) => title === 'Change name to "copy"');
    assert.ok(fix?.edit, mended.map(({ title }) => title).join());
    await vscode.workspace.applyEdit(fix.edit);
    await document.save();
    await until("no mark", () => vscode.languages.getDiagnostics(uri).length === 0);
    // It has no more to do with the first one's record.
    assert.equal(services.experiments.get(file())?.state, "finished");
    await vscode.workspace.fs.delete(uri);
  });

  it("a new experiment of the guided pick is a right one", async () => {
    const answers = ["base-to-novel", "openai/clip-vit-base-patch16", "known", "local"];
    const before = services.prompts;
    const pick: typeof before.pick = (items) => {
      const wanted = answers.shift()!;
      const fits = items.find((item) => Object.values(item).includes(wanted)) ?? items[0];
      return Promise.resolve(fits);
    };
    services.prompts = { ...before, pick };
    const made = await vscode.commands.executeCommand<string>("glad.newExperiment");
    services.prompts = before;
    assert.ok(existsSync(made));
    const args = ["experiment", "status", made, "--json"];
    const { stdout } = await services.program.must(args, { cwd: inWorkspace().fsPath });
    const { experiment: record } = JSON.parse(stdout) as { experiment: { cells: unknown[] } };
    assert.equal(record.cells.length, 11 * (1 + 3 * 3));
  });

  it("who stops runs that another one has as well is told of it", async () => {
    const endless = { methods: ["glad"], seeds: [1], config: settings(1_000_000) };
    const paths = ["one", "other"].map((name) => {
      writeExperiment({ name, ...endless }, `study/${name}.experiment.json`);
      return inWorkspace("study", `${name}.experiment.json`).fsPath;
    });
    for (const path of paths)
      await services.program.must(["experiment", "run", path, "--detach"], { cwd: dirname(path) });
    const said: string[] = [];
    const before = vscode.window.showInformationMessage;
    vscode.window.showInformationMessage = (message: string) => {
      said.push(message);
      return Promise.resolve(undefined);
    };
    try {
      await vscode.commands.executeCommand("glad.stopExperiment", vscode.Uri.file(paths[0]!));
    } finally {
      vscode.window.showInformationMessage = before;
    }
    assert.deepEqual(said, [
      "Other experiments have some of the runs that stop: other (1). Continue those experiments to go on with them.",
    ]);
  });
});
