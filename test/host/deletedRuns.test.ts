import { join } from "node:path";
import { expect, test } from "vitest";
import { deletedRuns } from "../../src/host/runs/deletedRuns";
import { temporaryFolder } from "../support/temporaryFolder";

test("deleted runs are found beside the folders of runs, the last first, and nothing else of the trash", async () => {
  const folder = temporaryFolder({
    "a/.glad/trash/1000-0/20260101-000000-run/config.json": "{}",
    "a/.glad/trash/3000-0/20260101-000000-run/config.json": "{}",
    "a/.glad/trash/4000-1/step-000010/adapter_config.json": "{}",
    "a/.glad/trash/5000-0/readme.txt": "",
    "a/.glad/trash/mine/20260102-000000-run/config.json": "{}",
    "b/out/trash/2000-1/20260103-000000-run/config.json": "{}",
  });
  const runs = ["a/.glad/runs", "a/.glad/runs", "b/out/runs", "c/.glad/runs"];
  expect(await deletedRuns(runs.map((each) => join(folder, each)))).toEqual(
    [
      ["a/.glad/trash/3000-0", "a/.glad/runs", "20260101-000000-run", 3000] as const,
      ["b/out/trash/2000-1", "b/out/runs", "20260103-000000-run", 2000] as const,
      ["a/.glad/trash/1000-0", "a/.glad/runs", "20260101-000000-run", 1000] as const,
    ].map(([place, from, name, time]) => ({
      name,
      folder: join(folder, place, name),
      from: join(folder, from, name),
      time,
    })),
  );
});
