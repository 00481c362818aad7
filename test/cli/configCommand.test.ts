import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { glad } from "../support/glad";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

async function prepared(text: string): Promise<string> {
  const folder = temporaryFolder({
    "glad.json": text,
    ...emptyImages("images/train/cat", 2),
    ...emptyImages("images/test/cat", 1),
    ...emptyImages("images/train/dog", 2),
    ...emptyImages("images/test/dog", 1),
  });
  await writeTinyClip(join(folder, "clip"));
  return folder;
}

test("glad config check says that a run can be started, or in lines why not", async () => {
  const good = '{ "model": "./clip", "data": { "root": "./images", "shots": 2 } }';
  const folder = await prepared(good);
  expect(await glad(folder, "config", "check")).toMatchObject({
    code: 0,
    stdout: "A run of this configuration can be started.\n",
  });
  const bad = await prepared(good.replace("2", "9"));
  const { code, stdout } = await glad(bad, "config", "check");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^FAIL {2}data\.shots: class "cat" has only 2 of the 9/);
});

test("glad config check --stdin takes a text that is not saved, with the file's folder for its paths", async () => {
  const folder = await prepared("{}");
  const cli = resolve(__dirname, "../../dist/cli.js");
  const child = spawn(
    process.execPath,
    [cli, "config", "check", "glad.json", "--stdin", "--json"],
    {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.stdin.end('{ "model": "./clip", "data": { "root": "./photos" } }');
  expect(await new Promise((settle) => child.on("close", settle))).toBe(1);
  expect(JSON.parse(printed)).toMatchObject([
    {
      setting: "data.root",
      state: "failed",
      fixes: [{ kind: "chooseImages" }, { kind: "checkData", root: join(folder, "photos") }],
    },
  ]);
});

test("glad config check tells what is wrong with the text itself", async () => {
  const folder = await prepared('{ "modle": 1 }');
  const { code, stdout } = await glad(folder, "config", "check", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { setting: "", message: expect.stringContaining('"modle" is not a setting') as string },
  ]);
});
