import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/util/errors";
import { makeFolder, makeFolderSync } from "../../src/util/makeFolder";
import { setReadOnly, smallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";

describe.each([
  ["makeFolder", makeFolder],
  ["makeFolderSync", async (folder: string) => Promise.resolve(void makeFolderSync(folder))],
])("%s", (_name, make) => {
  test("makes a folder with those above it, and takes one that is there", async () => {
    const folder = temporaryFolder();
    await Promise.all(["a/b/c", "a/b/d", "a/b/c/e"].map((path) => make(join(folder, path))));
    await make(join(folder, "a/b"));
    await make("/");
    for (const path of ["a/b/c/e", "a/b/d"])
      expect(statSync(join(folder, path)).isDirectory()).toBe(true);
  });

  test("says that a file is in the way", async () => {
    const folder = temporaryFolder({ file: "" });
    await expect(make(join(folder, "file"))).rejects.toThrow(/^EEXIST: .*, mkdir '/);
    await expect(make(join(folder, "file/a/b"))).rejects.toThrow(/^ENOTDIR: .*, mkdir '/);
  });

  test("says of a read-only disk that it is one", async () => {
    const disk = smallDisk(64, "making folders on a read-only disk");
    if (disk === null) return;
    mkdirSync(join(disk, "there"));
    setReadOnly(disk, true);
    await expect(make(join(disk, "a/b/c"))).rejects.toThrow(`EROFS: read-only file system, mkdir`);
    await make(join(disk, "there"));
  });

  // Node's recursive mkdir tries that for ever.
  test.skipIf(process.platform !== "linux")("gives up a folder that nobody can make", async () => {
    await expect(make("/proc/glad/a")).rejects.toThrow(UserError);
    await expect(make("/proc/glad/a")).rejects.toThrow(
      "/proc/glad: no folder can be made there; choose another one",
    );
  });
});

test("tells the topmost folder that had to be made, if any", () => {
  const folder = temporaryFolder({ "a/x": "" });
  expect(makeFolderSync(join(folder, "a"))).toBeUndefined();
  expect(makeFolderSync(join(folder, "a/b/c/d"))).toBe(join(folder, "a/b"));
  expect(makeFolderSync(join(folder, "e"))).toBe(join(folder, "e"));
});
