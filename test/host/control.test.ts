import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openRunStore, type RunStore } from "../../src/host/runs/runStore";
import type { Services } from "../../src/host/services";
import { requestControl, runPaths } from "../../src/protocol/runFolder";
import { processStart } from "../../src/util/processStart";
import { temporaryFolder } from "../support/temporaryFolder";
import { until } from "../support/until";

/** The context keys that were set. */
const keys = vi.hoisted(() => new Map<string, boolean>());
vi.mock("vscode", () => ({
  commands: {
    executeCommand: (_: string, key: string, value: boolean) => keys.set(key, value),
  },
  l10n: {
    t: (text: string, ...values: unknown[]) =>
      text.replace(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)])),
  },
  TreeItemCollapsibleState: {},
  workspace: { isTrusted: true },
}));
const { request, requireListening, rungText, stop } =
  await import("../../src/host/commands/control");
const { evaluate } = await import("../../src/host/commands/tools");
const { keepContext } = await import("../../src/host/statusBar");
const { describeRun } = await import("../../src/host/runs/runsTree");

let child: ChildProcess;
let store: RunStore;
let folder: string;

/** A process that ends half a second after it is asked to, and a run that it trains. */
beforeEach(async () => {
  const runs = temporaryFolder();
  folder = join(runs, "20260101-120000-run");
  mkdirSync(folder);
  const { control, config } = runPaths(folder);
  writeFileSync(config, "{}");
  const file = JSON.stringify(join(control, "stop"));
  const code = `console.log("ready"); const look = setInterval(() => {
      if (require("fs").existsSync(${file})) { clearInterval(look); setTimeout(() => process.exit(), 500); }
    }, 20);`;
  child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout!, "data");
  beat(0);
  store = openRunStore(100);
  store.setFolders([runs]);
});
afterEach(() => {
  store.dispose();
  child.kill("SIGKILL");
});

/** Writes a status with a heartbeat that is so many seconds old. */
function beat(age: number): void {
  const { pid } = child;
  const holder = { pid, processStart: processStart(pid!), host: hostname(), nonce: "n", folder };
  const heartbeat = new Date(Date.now() - 1000 * age).toISOString();
  const status = { ...holder, state: "running", heartbeat, step: 3, steps: 10, device: "cpu" };
  writeFileSync(runPaths(folder).lock, JSON.stringify(holder));
  writeFileSync(runPaths(folder).status, JSON.stringify({ ...status, reason: null }));
}

const services = (): Services =>
  ({
    store,
    output: { info: () => undefined },
    tree: { busy: (work: () => Promise<unknown>) => work() },
  }) as unknown as Services;

test("a run says from the first moment that it is stopped and what comes next, until it is", async () => {
  await until(() => store.get(folder)?.state === "running", "the run");
  const run = store.get(folder)!;
  const said: string[] = [];
  store.onChange((each) => void said.push(describeRun(each)));
  const stopping = stop(services(), folder);
  await until(() => said.length > 0, "a word of it");
  expect(said[0]).toBe("running 3/10 · stopping: asked to end, asked again in 30 s · cpu");
  // Asked again, it is still this one climb.
  await stop(services(), folder);
  expect(run.stopping).not.toBeNull();
  expect(() => requireListening(run)).toThrow(/-run is being stopped; resume it when/);
  await stopping;
  expect(run).toMatchObject({ state: "interrupted", stopping: null, asked: false });
  expect(describeRun(run)).toBe("interrupted 3/10 · cpu");
});

test("one that somebody else asked to end says so", async () => {
  await until(() => store.get(folder)?.state === "running", "the run");
  requestControl(runPaths(folder), "stop");
  const run = store.get(folder)!;
  await until(() => run.asked, "the request");
  expect(describeRun(run)).toBe("running 3/10 · asked to stop · cpu");
  await until(() => run.state === "interrupted", "its end");
  expect(run.asked).toBe(false);
});

test("a trainer that hangs is asked for nothing but its end, and the command says why", async () => {
  beat(95);
  await until(() => (store.get(folder)?.silent ?? null) !== null, "its silence");
  const why =
    /its trainer has not answered for 1 min \d\d s, so it does nothing that it is asked for/;
  for (const what of ["pause", "checkpoint"] as const)
    await expect(request(what)(services(), folder)).rejects.toThrow(why);
  await expect(evaluate(services(), folder)).rejects.toThrow(why);
  expect(existsSync(runPaths(folder).control)).toBe(false);
});

test("no command offers a run whose trainer hangs but Stop, and the keys of menus hide the others", async () => {
  keepContext(store);
  await until(() => keys.get("glad.hasRunning"), "a running run");
  expect(keys.get("glad.hasMeasurable")).toBe(true);
  store.dispose();
  beat(95);
  // A heart that was seen to beat is believed for a while: by a window that comes later, it was not.
  store = openRunStore(100);
  keepContext(store);
  store.setFolders([dirname(folder)]);
  await until(() => keys.get("glad.hasRunning") === false, "its silence");
  const away = /There is no run for that/;
  for (const key of ["hasListening", "hasMeasurable"]) expect(keys.get(`glad.${key}`)).toBe(false);
  expect(keys.get("glad.hasLive")).toBe(true);
  for (const command of [request("pause", "running"), request("checkpoint"), evaluate])
    await expect(command(services(), undefined)).rejects.toThrow(away);
});

test("each rung tells what comes next, and when", () => {
  const rung = { name: "request", next: "signal", seconds: 60 } as const;
  expect(rungText(rung, 0)).toBe("asked to end, asked again in 1 min 00 s");
  expect(rungText({ ...rung, next: "kill" }, 50.2)).toBe("asked to end, ended by force in 10 s");
  expect(rungText({ ...rung, next: null }, 50)).toBe("asked to end");
  expect(rungText({ ...rung, name: "signal", next: "kill" }, 31)).toBe(
    "asked again, ended by force in 29 s",
  );
  expect(rungText(rung, 60)).toBe("waiting for its checkpoint");
  expect(rungText({ name: "kill", next: null, seconds: 0 }, 1)).toBe("ended by force");
});
