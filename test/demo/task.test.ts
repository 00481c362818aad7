import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawTask } from "../../src/demo/task";
import { UserError } from "../../src/util/errors";
import { setReadOnly, smallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";

const draw = (folder: string): Promise<unknown> => drawTask(folder, 2, () => undefined);

test("says that a file is where the pictures should go", async () => {
  const folder = temporaryFolder({ file: "" });
  await expect(draw(join(folder, "file/demo"))).rejects.toThrow(UserError);
  await expect(draw(join(folder, "file/demo"))).rejects.toThrow(
    /file.demo.pictures-\w+: cannot be written \(ENOTDIR: .* mkdir .*\): a file stands where a folder/,
  );
});

test("says that the disk is read-only, or full, and leaves nothing on it", async () => {
  const disk = smallDisk(256, "drawing pictures on a small disk");
  if (disk === null) return;
  await expect(draw(disk)).rejects.toThrow(UserError);
  // Many pictures are drawn at a time. That one is written while the folder is cleaned up shows in one try of eight.
  for (let round = 0; round < 25; round++) {
    await expect(draw(disk)).rejects.toThrow(/: cannot be written \(ENOSPC.*: the disk is full; /);
    expect(readdirSync(disk)).toEqual([]);
  }
  setReadOnly(disk, true);
  await expect(draw(join(disk, "demo"))).rejects.toThrow(UserError);
  await expect(draw(join(disk, "demo"))).rejects.toThrow(
    /pictures-\w+: cannot be written \(EROFS.*: the disk is read-only; choose another folder$/,
  );
});
