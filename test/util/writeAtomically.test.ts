import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { UserError } from "../../src/util/errors";
import { writeAtomically } from "../../src/util/writeAtomically";
import { temporaryFolder } from "../support/temporaryFolder";

test("replaces a file as a whole", async () => {
  const folder = temporaryFolder({ "a/x.txt": "old" });
  await writeAtomically(join(folder, "a/x.txt"), async (file) => {
    await file.writeFile("new ");
    expect(readFileSync(join(folder, "a/x.txt"), "utf8")).toBe("old");
    await file.writeFile("text");
  });
  expect(readFileSync(join(folder, "a/x.txt"), "utf8")).toBe("new text");
  expect(readdirSync(join(folder, "a"))).toEqual(["x.txt"]);
});

test("a write that fails leaves the old file and nothing else", async () => {
  const folder = temporaryFolder({ "x.txt": "old" });
  const write = writeAtomically(join(folder, "x.txt"), async (file) => {
    await file.writeFile("half");
    throw new Error("no more");
  });
  await expect(write).rejects.toThrow("no more");
  expect(readdirSync(folder)).toEqual(["x.txt"]);
  expect(readFileSync(join(folder, "x.txt"), "utf8")).toBe("old");
});

test("says that a file is in the way of a folder, or a folder of the file", async () => {
  const folder = temporaryFolder({ file: "", "folder/x": "" });
  const write = (path: string) =>
    writeAtomically(join(folder, path), (file) => file.writeFile("text"));
  await expect(write("file/x.txt")).rejects.toThrow(UserError);
  await expect(write("file/x.txt")).rejects.toThrow(
    /file.x\.txt: cannot be written .*a file stands/,
  );
  await expect(write("folder")).rejects.toThrow(/folder: cannot be written .*in the way/);
});

test.skipIf(process.platform !== "linux")("says that the disk is full", async () => {
  // /dev/full answers every write as a full disk does.
  const folder = temporaryFolder();
  const write = writeAtomically(join(folder, "x"), () => {
    writeFileSync("/dev/full", "text");
    return Promise.resolve();
  });
  await expect(write).rejects.toThrow(UserError);
  await expect(write).rejects.toThrow(/x: cannot be written \(ENOSPC.*: the disk is full; free/);
  expect(readdirSync(folder)).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "says that no file may become so large, and leaves nothing",
  () => {
    const folder = temporaryFolder({
      "write.ts": `
        import { writeAtomically } from ${JSON.stringify(resolve("src/util/writeAtomically"))};
        writeAtomically("x", (file) => file.writeFile(Buffer.alloc(100_000))).catch((error) => {
          console.log(error.name, error.message);
        });`,
    });
    const script = join(folder, "write.js");
    buildSync({
      entryPoints: [join(folder, "write.ts")],
      outfile: script,
      bundle: true,
      platform: "node",
    });
    const command = `ulimit -f 20; exec "$0" write.js`;
    const options = { cwd: folder, encoding: "utf8" } as const;
    expect(execFileSync("sh", ["-c", command, process.execPath], options)).toMatch(
      /^UserError x: cannot be written \(EFBIG: .*\): no file may become so large/,
    );
    expect(readdirSync(folder).sort()).toEqual(["write.js", "write.ts"]);
  },
);
