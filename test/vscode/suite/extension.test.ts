import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { DataPost } from "../../../src/host/data/pages/dataPanels";
import { type HostRun, isLive } from "../../../src/host/runs/hostRun";
import type { Services } from "../../../src/host/services";
import { commandIds } from "../../../src/host/ids";
import type { Predicted } from "../../../src/protocol/predicted";
import { activate, demoSettings, inWorkspace, trainDemo, until } from "./support";

let services: Services;

/** A folder of the demo's pictures that show one class. */
async function oneClass(): Promise<string> {
  const { data } = await demoSettings(services);
  const files = readdirSync(data.root, { recursive: true, encoding: "utf8" });
  return join(data.root, dirname(files.filter((file) => file.endsWith(".png")).sort()[0]!));
}

before(async () => {
  services = await activate();
});

describe("the extension", () => {
  it("has every command of the manifest", async () => {
    const all = await vscode.commands.getCommands(true);
    assert.deepEqual(
      commandIds.filter((id) => !all.includes(id)),
      [],
    );
  });

  it("finds a Node.js", async () => {
    const { version } = await services.program.node();
    assert.ok(Number(version.split(".")[0]) >= 20);
  });
});

describe("a run", () => {
  let run: HostRun;

  after(() => {
    const { status, state } = run;
    if (state === "running" || state === "paused") process.kill(status!.pid!, "SIGKILL");
  });

  it("of the demo starts, and its results open", async () => {
    const id = await vscode.commands.executeCommand<string>("glad.tryDemo");
    run = await until("the run", () => services.store.get(id));
    await until("steps", () => run.record.series.length > 3);
    assert.deepEqual(services.panels.shown, [[id]]);
    await vscode.commands.executeCommand("glad.stop", run.id);
    await until("the end", () => !isLive(run));
    await vscode.commands.executeCommand("glad.deleteRun", run.id);
  });

  // The demo would end before the last of what follows.
  it("of a configuration starts, and its results open", async () => {
    const id = await trainDemo(services, 5000);
    run = await until("the run", () => services.store.get(id));
    await until("steps", () => run.record.series.length > 3);
    assert.deepEqual(services.panels.shown, [[id]]);
  });

  it("pauses and goes on", async () => {
    await vscode.commands.executeCommand("glad.pause", run.id);
    await until("the pause", () => run.state === "paused");
    await vscode.commands.executeCommand("glad.continue", run.id);
    await until("going on", () => run.state === "running");
  });

  it("saves a checkpoint and is measured when asked", async () => {
    const measured = run.record.evaluations.length;
    await vscode.commands.executeCommand("glad.checkpoint", run.id);
    await until("the checkpoint", () => run.checkpoints.length > 0);
    await vscode.commands.executeCommand("glad.evaluate", run.id);
    await until("the accuracy", () => run.record.evaluations.length > measured);
  });

  it("stops, and is resumed from where it stopped", async () => {
    await vscode.commands.executeCommand("glad.stop", run.id);
    await until("the end", () => run.state === "stopped");
    const { step } = run.status!;
    await vscode.commands.executeCommand("glad.resume", run.id);
    await until("the resumption", () => run.state === "running" && run.record.resumes.length > 0);
    assert.equal(run.record.resumes[0]!.step, step);
  });

  it("whose trainer is killed is interrupted", async () => {
    process.kill(run.status!.pid!, "SIGKILL");
    await until("the interruption", () => run.state === "interrupted");
  });

  it("gives away a checkpoint as an adapter, and as a model of its own", async () => {
    const [checkpoint] = run.checkpoints;
    const { prompts } = services;
    const exported = async (kind: string, into: string): Promise<string[]> => {
      services.prompts = {
        ...prompts,
        folder: () => Promise.resolve(inWorkspace(into)),
        pick: (items) => Promise.resolve(items.find(({ label }) => label === kind)),
      };
      await vscode.commands.executeCommand("glad.exportCheckpoint", { run, checkpoint });
      services.prompts = prompts;
      return readdirSync(inWorkspace(into, `demo-step-${checkpoint!.step}`).fsPath).sort();
    };
    assert.deepEqual(await exported("Adapter", "adapters"), [
      "adapter_config.json",
      "adapter_model.safetensors",
    ]);
    const files = await exported("Model", "models");
    for (const name of ["README.md", "classifier.json", "classifier.onnx", "model.safetensors"])
      assert.ok(files.includes(name), name);
  });

  it("goes back to an earlier checkpoint: later ones are put aside, and it is trained on from there", async () => {
    assert.ok(run.checkpoints.length > 1, "two checkpoints");
    const first = run.checkpoints.at(-1)!;
    const later = run.checkpoints.slice(0, -1).map(({ folder }) => folder);
    const killed = run.status!.pid;
    const { prompts } = services;
    services.prompts = { ...prompts, confirm: () => Promise.resolve("Restore") };
    await vscode.commands.executeCommand("glad.restoreCheckpoint", { run, checkpoint: first });
    services.prompts = prompts;
    // Its events may be read before its status, which names the new process.
    await until(
      "the resumption",
      () => run.record.resumes.at(-1)?.step === first.step && run.status!.pid !== killed,
    );
    process.kill(run.status!.pid!, "SIGKILL");
    await until("the interruption", () => run.state === "interrupted");
    const trash = readdirSync(inWorkspace(".glad", "trash").fsPath, { recursive: true });
    for (const folder of later)
      assert.ok(
        trash.some((path) => String(path).endsWith(basename(folder))) || !existsSync(folder),
        folder,
      );
  });

  it("is measured without a trainer, in a report", async () => {
    await vscode.commands.executeCommand("glad.evaluate", run.id);
    const text = vscode.window.activeTextEditor!.document.getText();
    assert.match(text, /split +zero-shot +adapted/);
  });

  it("classifies images of the explorer: a sheet with what the command line says of each", async () => {
    const posts: DataPost[] = [];
    const heard = services.dataPanels.onPost((post) => posts.push(post));
    const folder = vscode.Uri.file(await oneClass());
    // What the user has thought better of says nothing any more.
    const all = vscode.Uri.joinPath(folder, "..");
    const { prompts } = services;
    // Where several are left, it is asked which.
    services.prompts = { ...prompts, pick: (items) => Promise.resolve(items[0]) };
    const givenUp = vscode.commands.executeCommand("glad.classifyImages", all, [all]);
    await vscode.commands.executeCommand("glad.classifyImages", folder, [folder]);
    const sheet = await until("the sheet", () => posts.find((post) => post.type === "sheet"));
    const pictures = (): string[] =>
      posts
        .flatMap((post) => (post.type === "thumbnails" ? post.thumbnails : []))
        .flatMap(({ uri, path }) => (uri === null ? [] : [path]));
    await until("pictures", () => pictures().length > 3);
    await givenUp;
    services.prompts = prompts;
    heard.dispose();
    assert.deepEqual(
      posts.filter(({ type }) => type === "failed"),
      [],
    );
    assert.match(sheet.title, /^Classified by demo(, step \d+)?$/);
    const args = ["predict", run.id, folder.fsPath, "--format", "json"];
    const { stdout } = await services.program.must(args, { cwd: folder.fsPath });
    const { images } = JSON.parse(stdout) as Predicted;
    assert.ok(images.length > 3);
    assert.deepEqual(
      sheet.images.map(({ path, part }) => `${join(folder.fsPath, path)} ${part}`).sort(),
      images.map(({ path, top }) => `${path} ${top[0]!.name}`).sort(),
    );
  });

  it("loses a checkpoint to the trash", async () => {
    const [checkpoint] = run.checkpoints;
    await vscode.commands.executeCommand("glad.deleteCheckpoint", { run, checkpoint });
    await until("the checkpoint's end", () => !existsSync(checkpoint!.folder));
    assert.ok(existsSync(inWorkspace(".glad", "trash").fsPath));
  });

  it("is renamed and deleted", async () => {
    const { prompts } = services;
    services.prompts = { ...prompts, input: () => Promise.resolve("other") };
    await services.tree.star(run, true);
    await vscode.commands.executeCommand("glad.renameRun", run.id);
    services.prompts = prompts;
    const renamed = services.store.runs.find(({ name }) => name.endsWith("-other"))!;
    assert.ok(renamed);
    assert.ok(services.tree.isStarred(renamed));
    assert.deepEqual(services.panels.shown, [[renamed.id]]);
    await vscode.commands.executeCommand("glad.deleteRun", renamed.id);
    assert.deepEqual(services.store.runs, []);
  });

  it("is put back from the trash, but not over another of its name", async () => {
    const { prompts } = services;
    const offered: string[] = [];
    services.prompts = {
      ...prompts,
      pick: (items) => {
        offered.push(...items.map(({ label, description }) => `${label} ${description}`));
        return Promise.resolve(items[0]);
      },
    };
    await vscode.commands.executeCommand("glad.restoreRun");
    const back = services.store.runs.find(({ name }) => name.endsWith("-other"))!;
    assert.ok(back);
    assert.ok(services.tree.isStarred(back));
    // The demo's was deleted by the first of these tests.
    assert.equal(offered.length, 2);
    assert.match(offered[0]!, /^\d{8}-\d{6}-other deleted \S/);
    const left = async () => (await services.trash.look()).map(({ name }) => name);
    assert.equal((await left()).length, 1);

    await vscode.commands.executeCommand("glad.deleteRun", back.id);
    cpSync((await services.trash.look())[0]!.folder, back.id, { recursive: true });
    await services.store.refresh();
    await vscode.commands.executeCommand("glad.restoreRun");
    services.prompts = prompts;
    assert.equal((await left()).length, 2);
    assert.deepEqual(
      services.store.runs.map(({ id }) => id),
      [back.id],
    );
  });
});
