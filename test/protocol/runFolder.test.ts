import { join } from "node:path";
import { expect, test } from "vitest";
import { runPaths } from "../../src/protocol/runFolder";

test.each([join("/work", "runs", "a"), join("/work", "runs", "a", "/"), "runs/../b", ".", ""])(
  'everything of the run "%s" lies in its folder',
  (folder) => {
    const { folder: own, ...paths } = runPaths(folder);
    expect(own).toBe(folder);
    // "./status.json" and "status.json" are one file.
    expect(join(paths.status)).toBe(join(folder, "status.json"));
    expect(join(paths.checkpoints)).toBe(join(folder, "checkpoints"));
    expect(new Set(Object.values(paths)).size).toBe(12);
  },
);
