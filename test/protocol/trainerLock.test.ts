import { realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { isHeldHere, realFolder } from "../../src/protocol/trainerLock";
import { temporaryFolder } from "../support/temporaryFolder";

test("a run is held in its folder, by whatever path that is reached, and not in a copy or one that is gone", () => {
  const folder = realpathSync(temporaryFolder());
  const link = join(temporaryFolder(), "link");
  symlinkSync(folder, link);
  expect(realFolder(link)).toBe(folder);
  expect(isHeldHere({ folder: link }, { folder })).toBe(true);
  expect(isHeldHere({ folder }, { folder: link })).toBe(true);
  expect(isHeldHere({ folder }, { folder: temporaryFolder() })).toBe(false);
  expect(isHeldHere({ folder }, { folder: join(folder, "gone") })).toBe(false);
  expect(isHeldHere({ folder }, {})).toBe(false);
});

test("the letter of a drive is the same one in either case, as the editor and a terminal write it on Windows", () => {
  const native = vi.spyOn(realpathSync, "native");
  native.mockImplementation((path) => path.toString().replace(/^c:/, "C:"));
  try {
    expect(isHeldHere({ folder: "c:\\runs\\one" }, { folder: "C:\\runs\\one" })).toBe(true);
    expect(isHeldHere({ folder: "C:\\runs\\one" }, { folder: "c:\\runs\\one" })).toBe(true);
    expect(isHeldHere({ folder: "c:\\runs\\one" }, { folder: "C:\\runs\\two" })).toBe(false);
  } finally {
    native.mockRestore();
  }
});
