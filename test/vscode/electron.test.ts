import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporaryFolder";

/** `npm run test:electron -- NAME` without the build before it. */
function testElectron(environment: NodeJS.ProcessEnv, ...names: string[]) {
  return spawnSync(process.execPath, ["test/vscode/electron.mjs", ...names], {
    cwd: resolve(__dirname, "../.."),
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
}

/** A program that notes how it was called and leaves these counts, as a VS Code with the suite would. */
function program(counts: object): { executable: string; called: () => string[] } {
  const folder = temporaryFolder({
    "code.cjs": `#!${process.execPath}
const { writeFileSync } = require("node:fs");
const { GLAD_VSCODE_SUITE: suite, GLAD_VSCODE_RESULT: result } = process.env;
writeFileSync(__dirname + "/called.json", JSON.stringify([suite, ...process.argv.slice(2)]));
writeFileSync(result, ${JSON.stringify(JSON.stringify(counts))});
`,
  });
  const executable = join(folder, "code.cjs");
  chmodSync(executable, 0o755);
  const called = () => JSON.parse(readFileSync(join(folder, "called.json"), "utf8")) as string[];
  return { executable, called };
}

test.skipIf(process.platform === "win32")(
  "a desktop VS Code is given the suite, the extension, a workspace and a profile of its own",
  () => {
    const { executable, called } = program({ passed: 3, failed: 0, skipped: 1 });
    const { status, stdout } = testElectron({ VSCODE_EXECUTABLE: executable }, "extension");
    expect(stdout).toMatch(/^test:electron: 3 passed, 0 failed, 1 skipped$/m);
    expect(status).toBe(0);
    const [suite, workspace, ...args] = called();
    expect(suite).toBe("extension.test.js");
    expect(workspace).toMatch(/glad-electron-\w+[\\/]workspace$/);
    expect(args).toContain(`--extensionDevelopmentPath=${resolve(__dirname, "../..")}`);
    expect(args).toContain(
      `--extensionTestsPath=${resolve(__dirname, "../../dist/vscodeSuite/index.js")}`,
    );
    expect(args).toEqual(expect.arrayContaining(["--user-data-dir", "--extensions-dir"]));
  },
);

test.skipIf(process.platform === "win32")("a failed test fails the command", () => {
  const { executable } = program({ passed: 2, failed: 1, skipped: 0 });
  const { status, stdout } = testElectron({ VSCODE_EXECUTABLE: executable }, "extension");
  expect(stdout).toMatch(/^FAILED extension/m);
  expect(status).toBe(1);
});

test("an unknown suite is told with those that there are", () => {
  const { status, stderr } = testElectron({ VSCODE_EXECUTABLE: "none" }, "nothing");
  expect(stderr).toMatch(/^no test is named "nothing"; there are .*extension/);
  expect(status).toBe(2);
});
