import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type * as vscode from "vscode";
import { followTrainers } from "../../src/host/output";
import { openRunStore } from "../../src/host/runs/runStore";
import { runsFolder } from "../../src/protocol/runFolder";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyRun } from "../support/tinyRun";
import { until } from "../support/until";

test("the trainer's words and what happens to its run reach the channel, each once", async () => {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const say = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  const output = { info: say("info"), warn: say("warn"), error: say("error") };
  const store = openRunStore(100);
  const following = followTrainers(store, output as unknown as vscode.LogOutputChannel);
  store.setFolders([runsFolder(join(folder, ".glad"))]);
  const { paths } = await tinyRun(folder, { training: { steps: 100_000, batchSize: 6 } });
  await until(() => store.runs[0], "the run");
  const { name } = store.runs[0]!;
  const { child, ended } = startTrainer(paths.folder);
  const told = (text: string) => until(() => lines.includes(text), text);
  await told(`info [${name}] running`);
  await told(`info [${name}] checkpoint at step 3`);
  appendFileSync(paths.log, "a warning of the driver\nterminate called after");
  await told(`info [${name}] a warning of the driver`);
  child.kill("SIGKILL");
  await ended;
  await told(`error [${name}] interrupted`);
  // What a native crash says may have no end of line.
  await told(`info [${name}] terminate called after`);
  expect(lines.some((line) => /^info \[.*\] zero-shot, all: [\d.]+%$/.test(line))).toBe(true);
  for (const line of lines) expect(lines.filter((other) => other === line)).toEqual([line]);
  following.dispose();
  store.dispose();
});
