import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { HostRun } from "../../src/host/runs/hostRun";
import { emptyRecord } from "../../src/protocol/runRecord";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";

vi.mock("vscode", () => ({
  l10n: { t: (text: string) => text },
  TreeItemCollapsibleState: {},
}));
const { failureOf, imagesAtFault } = await import("../../src/host/panel/feedRuns");

test("a run that an unreadable image ended offers the check of its images before all else", async () => {
  const { paths, config } = await tinyRun(temporaryFolder());
  const root = config.data.root!;
  const failed = (reason: string): HostRun =>
    ({ paths, state: "failed", status: { reason }, record: emptyRecord() }) as unknown as HostRun;
  const mend = "replace that file, or start a new run with data.skipUnreadable set to true";
  const image = failed(`${join(root, "emu", "1.jpg")} is empty, expected an image; ${mend}`);
  expect(imagesAtFault(image)).toBe(root);
  expect(failureOf(image)!.actions[0]).toBe("data");
  const beside = failed(`${root}-2${join("/", "emu", "1.jpg")} is empty; ${mend}`);
  expect(imagesAtFault(beside)).toBeNull();
  const device = failed("The device was lost");
  expect(imagesAtFault(device)).toBeNull();
  expect(failureOf(device)!.actions).toEqual(["resume", "config", "log", "doctor"]);
});
