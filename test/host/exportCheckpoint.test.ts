import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import type { CommandEnd, CommandOptions } from "../../src/host/node";
import type { HostRun } from "../../src/host/runs/hostRun";
import type { Services } from "../../src/host/services";
import { placeFor } from "../../src/train/exportFolder";
import { temporaryFolder } from "../support/temporaryFolder";

/** Presses the button of the progress that is shown. */
let cancel = (): void => undefined;
vi.mock("vscode", () => ({
  l10n: { t: (text: string) => text },
  TreeItemCollapsibleState: {},
  ProgressLocation: {},
  workspace: { isTrusted: true },
  window: {
    withProgress: (_: unknown, work: (progress: unknown, token: unknown) => unknown) =>
      work({}, { onCancellationRequested: (heard: () => void) => (cancel = heard) }),
  },
}));
const { exportCheckpoint } = await import("../../src/host/commands/exportCheckpoint");

test("an export that is cancelled, and had to be ended by force, leaves nothing half-written", async () => {
  const folder = temporaryFolder();
  const run = { id: "/runs/a", name: "20260101-120000-a" } as HostRun;
  const checkpoint = { step: 40, folder: "/runs/a/checkpoints/step-000040", size: 1 };
  const asked: string[] = [];
  // As a process of this id would be on a system without signals.
  const program = async (args: readonly string[], { signal }: CommandOptions) => {
    const { partial } = await placeFor(args[2]!);
    expect(dirname(partial)).toBe(folder);
    mkdirSync(partial);
    mkdirSync(join(folder, "another.1.partial"));
    cancel();
    expect(signal!.aborted && existsSync(partial)).toBe(true);
    asked.push(args[0]!);
    const end: CommandEnd = { pid: process.pid, code: null, stdout: "", stderr: "" };
    return end;
  };
  const services = {
    context: { extensionPath: folder },
    program: { run: program },
    prompts: {
      pick: (items: { label: string }[]) => Promise.resolve(items[1]),
      folder: () => Promise.resolve({ fsPath: folder }),
    },
  } as unknown as Services;
  await exportCheckpoint(services, { run, checkpoint });
  expect(asked).toEqual(["export"]);
  expect(readdirSync(folder)).toEqual(["another.1.partial"]);
});
