import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { isFit } from "../../../src/host/commands/doctor";
import { openProgram } from "../../../src/host/program";
import { type HostRun, isLive } from "../../../src/host/runs/hostRun";
import type { Services } from "../../../src/host/services";
import { activate, inWorkspace, trainDemo, until, writeInWorkspace } from "./support";

let services: Services;

before(async () => {
  services = await activate();
});

async function choose(setting: string, value: unknown): Promise<void> {
  const { Global } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration("glad").update(setting, value, Global);
}

describe("the checks before a run", () => {
  it("hold it up for less than five seconds, also where one never ends and leaves a process behind", async () => {
    const cli = inWorkspace("slow", "dist", "cli.js").fsPath;
    mkdirSync(join(cli, ".."), { recursive: true });
    writeFileSync(
      cli,
      `console.log(JSON.stringify({ name: "node", state: "ok", text: "", mend: null }));
       require("node:child_process").spawn("sleep", ["20"], { stdio: "inherit" });
       setInterval(() => undefined, 1000);`,
    );
    writeInWorkspace("slow/glad.json", '{ "data": { "root": "." } }');
    const program = openProgram(inWorkspace("slow").fsPath, services.output);
    await program.node();
    const started = performance.now();
    const fit = await isFit({ ...services, program }, inWorkspace("slow", "glad.json").fsPath);
    assert.equal(fit, true);
    const took = performance.now() - started;
    assert.ok(took < 5000, `${took} ms`);
  });
});

describe("a run whose trainer hangs", () => {
  let run: HostRun;

  after(() => {
    if (isLive(run)) process.kill(run.status!.pid!, "SIGKILL");
  });

  it("stays live, which the tree and the command line say with the time that it has not answered", async function () {
    if (process.platform === "win32") return this.skip();
    const id = await trainDemo(services, 5000);
    run = await until("the run", () => services.store.get(id));
    await vscode.commands.executeCommand("glad.checkpoint", id);
    await until("a checkpoint", () => run.checkpoints.length > 0);
    process.kill(run.status!.pid!, "SIGSTOP");
    await until("its silence", () => run.silent !== null);
    assert.equal(run.state, "running");
    const item = services.tree.item({ run, checkpoint: null });
    assert.match(String(item.description), /running .*its trainer has not answered for \d+ s/);
    assert.match(item.contextValue!, /;live;/);
    // Menus offer nothing that it would not do.
    assert.match(item.contextValue!, /;deaf;/);
    assert.doesNotMatch(item.contextValue!, /;(resumable|listening);/);
    const { stdout } = await services.program.must(["runs"], { cwd: inWorkspace().fsPath });
    assert.match(stdout, /its trainer has not answered for \d+ (s|min)/);
  });

  it("is ended by Stop, which says at once what comes next and kills it at last, and can be resumed then", async () => {
    const stopped = vscode.commands.executeCommand("glad.stop", run.id);
    const asked = performance.now();
    await until("a word of it", () => run.stopping);
    assert.ok(performance.now() - asked < 1000);
    const item = services.tree.item({ run, checkpoint: null });
    assert.match(
      String(item.description),
      /running .*stopping: asked to end, asked again in \d+ s/,
    );
    await stopped;
    assert.equal(run.state, "stopped");
    assert.match(
      run.status!.reason!,
      /its trainer did not answer and was ended by force; the checkpoint of step \d+ is kept/,
    );
    assert.match(
      String(services.tree.item({ run, checkpoint: null }).description),
      /stopped \d+\/5000 · ended by force/,
    );
    const { stdout } = await services.program.must(["runs"], { cwd: inWorkspace().fsPath });
    assert.match(
      stdout,
      /: stopped on request: its trainer did not answer and was ended by force;/,
    );
    assert.equal(run.silent, null);
    assert.match(services.tree.item({ run, checkpoint: null }).contextValue!, /;resumable;/);
    await vscode.commands.executeCommand("glad.resume", run.id);
    await until("the resumption", () => run.state === "running" && run.record.resumes.length > 0);
  });
});

describe("what becomes of a run when windows close", () => {
  let run: HostRun;

  after(async () => {
    await choose("onWindowClose", undefined);
    if (run.state === "running") process.kill(run.status!.pid!, "SIGKILL");
  });

  it("is in its folder: a lease that this window renews", async () => {
    await choose("onWindowClose", "stopWhenIdle");
    const id = await trainDemo(services, 5000);
    run = await until("the run", () => services.store.get(id));
    await until("steps", () => run.record.series.length > 1);
    const { lease } = run.paths;
    utimesSync(lease, 1e9, 1e9);
    // The window renews it by the clock, and whenever it sees the run live again.
    await until("a renewal", () => statSync(lease).mtimeMs > Date.now() - 60_000);
  });

  it("is nothing any more once runs are to go on", async () => {
    await choose("onWindowClose", "keepRunning");
    await until("the lease's end", () => !existsSync(run.paths.lease));
    assert.equal(run.state, "running");
  });
});
