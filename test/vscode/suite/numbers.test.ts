import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { Services } from "../../../src/host/services";
import { watchTurns } from "../../support/turns";
import { activate, inWorkspace, until } from "./support";

/** Other programs of a busy machine hold the host up: the best of so many attempts counts. */
const attempts = 8;
const recorded = 100_000;

let services: Services;
const runs: ChildProcess[] = [];

before(async () => {
  services = await activate();
  // A remote editor looks through all processes for ports every few seconds, in this process. What that takes, and the collecting
  // of what it leaves, varies more than what is measured here; an editor on one's own machine does no such thing.
  await remote().update("autoForwardPortsSource", "output", vscode.ConfigurationTarget.Global);
});
after(async () => {
  runs.forEach((run) => run.kill("SIGKILL"));
  await remote().update("autoForwardPortsSource", undefined, vscode.ConfigurationTarget.Global);
});
const remote = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("remote");

/** Starts a run that looks as if it had made so many steps; gives its folder. */
async function longRun(name: string, steps: number, perSecond: number): Promise<string> {
  const folder = inWorkspace(".glad", "runs", `20260101-000000-${name}`).fsPath;
  const program = join(services.context.extensionPath, "test/vscode/longRun.mjs");
  const args = [program, folder, String(steps), String(perSecond)];
  const child = spawn("node", args, { stdio: ["ignore", "pipe", "ignore"] });
  runs.push(child);
  await once(child.stdout, "data");
  await until("the run in the store", () => services.store.get(folder));
  return folder;
}

/** The share of a core that this process uses for some seconds. */
async function share(seconds: number): Promise<number> {
  const start = process.cpuUsage();
  const began = performance.now();
  await new Promise((settle) => setTimeout(settle, 1000 * seconds));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / (performance.now() - began);
}

/** The least of some measurements, after what is first shown was drawn: what else the editor does comes on top of the others. */
async function leastShare(): Promise<number> {
  await share(2);
  return Math.min(await share(3), await share(3));
}

const percent = (value: number): string => `${(100 * value).toFixed(2)}%`;

describe("the extension host", () => {
  // Told and not judged: the editor's own work varies more than a run costs. bench/RESULTS.md says what came out.
  it("takes in a live run, whose cost in processor time is told", async () => {
    await vscode.commands.executeCommand("workbench.view.explorer");
    const resting = await leastShare();
    // A step a second is a large model on a GPU, and more than ViT-B/16 makes on a processor; twenty is the demo's.
    for (const perSecond of [1, 20]) {
      const folder = await longRun(`live-${perSecond}`, 500, perSecond);
      const run = services.store.get(folder)!;
      const told = [`${percent((await leastShare()) - resting)} (nothing shown)`];
      await vscode.commands.executeCommand("glad.runs.focus");
      told.push(`${percent((await leastShare()) - resting)} (view)`);
      await services.panels.show([folder]);
      told.push(`${percent((await leastShare()) - resting)} (view and panel)`);
      console.log(
        `  a core's share over rest (${percent(resting)}), ${perSecond} steps a second: ${told.join(", ")}`,
      );
      const { length } = run.record.series;
      await until("more steps", () => run.record.series.length > length);
      runs.pop()!.kill("SIGKILL");
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      await vscode.commands.executeCommand("workbench.view.explorer");
    }
  });

  it("is never held up for more than 20 ms by 100,000 steps that are opened and followed", async () => {
    let shortest = Infinity;
    for (let i = 0; i < attempts && shortest >= 20; i++) {
      const folder = await longRun(`long-${i}`, recorded, 20);
      const turns = watchTurns();
      await services.panels.show([folder]);
      const run = services.store.get(folder)!;
      await until("more steps", () => run.record.series.length > recorded + 40);
      const { wall, cpu } = turns.end();
      console.log(`  longest turn ${wall.toFixed(1)} ms, ${cpu.toFixed(1)} ms of them computing`);
      shortest = Math.min(shortest, cpu);
      runs.pop()!.kill("SIGKILL");
    }
    assert.ok(shortest < 20, `${shortest} ms`);
  });
});
