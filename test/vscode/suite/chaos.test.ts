import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { HostRun } from "../../../src/host/runs/hostRun";
import type { Services } from "../../../src/host/services";
import { readStatus, type Status } from "../../../src/protocol/status";
import { processExists } from "../../../src/util/processStart";
import { activate, inWorkspace, trainDemo, until } from "./support";

let services: Services;
let run: HostRun;
const thrown: unknown[] = [];
const note = (error: unknown): void => void thrown.push(error);

before(async () => {
  services = await activate();
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
});
after(() => {
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
  if (run.state === "running") process.kill(run.status!.pid!, "SIGKILL");
});

/** The steps of the run's events that hold, in order of the file. */
function steps(): number[] {
  const lines = readFileSync(run.paths.events, "utf8").split("\n").slice(0, -1);
  const made: number[] = [];
  for (const line of lines) {
    const event = JSON.parse(line) as { type: string; step: number; resumed?: boolean };
    if (event.type === "started" && event.resumed)
      while (made.length > 0 && made.at(-1)! > event.step) made.pop();
    if (event.type === "step") made.push(event.step);
  }
  return made;
}

/** The status of a trainer that began after the one that had `nonce`. */
function newStatus(nonce: string | null): Status | null {
  const status = readStatus(run.paths);
  return status?.nonce === nonce ? null : status;
}

const shown = (): number[] => {
  const { series } = run.record;
  return [...series.columns.step.subarray(0, series.length)];
};

describe("whatever happens to a run that the editor watches", () => {
  it("begins with the demo", async () => {
    const id = await trainDemo(services, 5000);
    run = await until("the run", () => services.store.get(id));
    await until("steps", () => run.record.series.length > 1);
  });

  it("kills at random moments cost no step that was saved, and the curve is that of the file", async () => {
    for (let round = 0; round < 4; round++) {
      const before = run.record.resumes.length;
      await until("the trainer", () => run.state === "running");
      await new Promise((settle) => setTimeout(settle, 1500 * Math.random()));
      process.kill(run.status!.pid!, "SIGKILL");
      await until("the interruption", () => run.state === "interrupted");
      // A line that the kill tore, as it may be; the next trainer cuts it off and writes on in its place.
      appendFileSync(run.paths.events, '{"n":99,"time":"2026-01-01T00:00:00.000Z","type":"st');
      const saved = Math.max(0, ...run.checkpoints.map(({ step }) => step));
      await vscode.commands.executeCommand("glad.resume", run.id);
      await until("the resumption", () => run.record.resumes.length > before);
      assert.ok(run.record.resumes.at(-1)!.step >= saved);
    }
    await vscode.commands.executeCommand("glad.stop", run.id);
    await until("the stop", () => run.state === "stopped");
    await services.store.refresh();
    const made = steps();
    assert.deepEqual(
      made,
      made.map((_, i) => i + 1),
    );
    assert.deepEqual(shown(), made);
  });

  it("one window alone resumes it", async () => {
    // As from two windows at once: the second command finds the first one's trainer, or that trainer refuses the other.
    const cli = join(services.context.extensionPath, "dist/cli.js");
    const other = spawn("node", [cli, "resume", run.id, "--detach"], { stdio: "ignore" });
    const ended = once(other, "exit");
    await vscode.commands.executeCommand("glad.resume", run.id);
    await ended;
    await until("a trainer", () => run.state === "running");
    const { pid } = run.status!;
    const before = run.record.series.length;
    await until("its steps", () => run.record.series.length > before + 2);
    await services.store.refresh();
    assert.equal(run.status!.pid, pid);
    await vscode.commands.executeCommand("glad.stop", run.id);
    await until("the stop", () => run.state === "stopped");
    assert.deepEqual(shown(), steps());
  });

  it("one that a terminal has just resumed can be stopped before the window has taken note of it", async () => {
    const { nonce } = readStatus(run.paths)!;
    const cli = join(services.context.extensionPath, "dist/cli.js");
    spawn("node", [cli, "resume", run.id, "--detach"], { stdio: "ignore" });
    const { pid } = await until("its status", () => newStatus(nonce), 1);
    await vscode.commands.executeCommand("glad.stop", run.id);
    await until("the end of its process", () => !processExists(pid!));
    await services.store.refresh();
    assert.equal(run.state, "stopped");
    assert.deepEqual(shown(), steps());
  });

  it("a folder that is deleted by two windows goes to the trash once", async () => {
    const copy = inWorkspace(".glad", "runs", "20260101-000000-copy").fsPath;
    cpSync(run.id, copy, { recursive: true });
    await until("the copy", () => services.store.get(copy));
    const twice = [copy, copy].map((id) => vscode.commands.executeCommand("glad.deleteRun", id));
    await Promise.all(twice);
    assert.equal(services.store.get(copy), undefined);
    const trash = inWorkspace(".glad", "trash").fsPath;
    const kept = readdirSync(trash).flatMap((time) => readdirSync(join(trash, time)));
    assert.ok(kept.length <= 1, kept.join());
    if (kept.length === 1)
      assert.ok(existsSync(join(trash, readdirSync(trash)[0]!, kept[0]!, "events.jsonl")));
  });

  it("a run whose folder is deleted while it is trained and shown vanishes, and its trainer ends", async () => {
    await vscode.commands.executeCommand("glad.resume", run.id);
    await until("the trainer", () => run.state === "running");
    await services.panels.show([run.id]);
    const { pid } = run.status!;
    rmSync(run.id, { recursive: true, force: true, maxRetries: 5 });
    await until("the end of the run", () => !services.store.get(run.id));
    process.kill(pid!, "SIGKILL");
    rmSync(run.id, { recursive: true, force: true });
    await until("nothing", () => services.store.runs.length === 0);
  });

  it("nothing was thrown in the extension host", () => {
    const ours = thrown.filter((error) =>
      /glad|extension\.js/.test(String((error as Error).stack)),
    );
    assert.deepEqual(ours, []);
  });
});
