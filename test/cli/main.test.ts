import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { version } from "../../src/util/version";
import { glad } from "../support/glad";
import { temporaryFolder } from "../support/temporaryFolder";

test("every help text fits 80 columns and names what it is about", async () => {
  const folder = temporaryFolder();
  const whole = await glad(folder, "--help");
  expect(whole).toMatchObject({ code: 0, stderr: "" });
  const commands = [...whole.stdout.matchAll(/^ {2}([a-z-]+)(?: \[| <| {2})/gm)].map(
    ([, name]) => name!,
  );
  expect(commands).toEqual(
    expect.arrayContaining(["train", "resume", "evaluate", "zero-shot", "runs"]),
  );
  const texts = await Promise.all(
    commands.filter((name) => name !== "help").map((name) => glad(folder, name, "--help")),
  );
  for (const { stdout } of [whole, ...texts]) {
    expect(stdout).toMatch(/^Usage: glad /);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

test("commands that compute nothing load no native library", () => {
  const preload =
    "data:text/javascript," +
    encodeURIComponent(`
    import { createRequire } from "node:module";
    const { cache } = createRequire("${resolve("dist")}/x.js");
    process.on("exit", () => console.log(JSON.stringify(Object.keys(cache))));`);
  const args = ["--import", preload, resolve("dist/cli.js"), "--version"];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const loaded = JSON.parse(stdout.split("\n")[1]!) as string[];
  expect(loaded).toEqual([resolve("dist/cli.js")]);
});

test("the version is the program's", async () => {
  expect(await glad(temporaryFolder(), "--version")).toEqual({
    code: 0,
    stdout: `${version}\n`,
    stderr: "",
  });
});

test.each([
  [["trian"], /^error: unknown command 'trian'\n\(Did you mean train\?\)\n$/],
  [["train", "--sett", "a=b"], /^error: unknown option '--sett'\n\(Did you mean --set\?\)\n$/],
  [["resume"], /^error: missing required argument 'run'\n$/],
  [
    ["train", "nowhere.json"],
    /^\S*nowhere\.json: the configuration does not exist; check the path.*\n$/,
  ],
  [
    ["train", "--set", "lora.rnk=2"],
    /^--set lora\.rnk=2: "lora\.rnk" is not a setting; did you mean "lora\.rank"\?\n$/,
  ],
  [
    ["train", "--set", "lora.rank=0"],
    /^--set lora\.rank=0: lora\.rank is 0, expected a whole number above 0.*\n$/,
  ],
  [
    ["train", "--set", "data.root=/nowhere", "--set", "model=./none"],
    /^\S*: there is no such model folder; .*\n$/,
  ],
  [["step", "--labels", "0,x"], /option '--labels <numbers>' .* expected a whole number of 0 or/],
  [["step", "--classes", "cat,"], /option '--classes <names>' .* expected parts between commas/],
  [["step", "--lora-alpha", ""], /option '--lora-alpha <number>' .* expected a number\.\n$/],
  [["split", "--seed", "1.5"], /option '--seed <number>' .* expected a whole number of 0 or/],
  [["stop", "latest"], /^\S*: there is no run yet; start one with `glad train`\n$/],
  [["evaluate", "no\u001b[31m"], /^no\\u001b\[31m: there is no such run in .*\n$/],
  [["evaluate", "20260101"], /^20260101: there is no such run in .*\n$/],
])("%j is told in a sentence, with exit code 1", async (args, sentence) => {
  const { code, stdout, stderr } = await glad(temporaryFolder(), ...args);
  expect(stderr).toMatch(sentence);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test("without runs, the list of runs says how to start one", async () => {
  const { code, stdout } = await glad(temporaryFolder(), "runs");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^No run in .*\.glad\/runs; `glad train` starts one\.\n$/);
});

test.skipIf(process.platform === "win32")("a reader that stops reading is no failure", () => {
  const cli = resolve(__dirname, "../../dist/cli.js");
  const { status, stderr } = spawnSync(
    "bash",
    ["-c", `set -o pipefail; (sleep 0.3; "${process.execPath}" "${cli}" --help) | true`],
    { encoding: "utf8" },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
