import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanEnvironment, findNode, runNode, settingsEnvironment } from "../../src/host/node";
import { temporaryFolder } from "../support/temporaryFolder";

/** A folder with a `node` that says it is of some version. */
function fakeNode(version: string): { folder: string; file: string } {
  const folder = temporaryFolder({ node: `#!/bin/sh\necho ${version}\n` });
  const file = join(folder, "node");
  chmodSync(file, 0o755);
  return { folder, file };
}

const unix = test.skipIf(process.platform === "win32");
const execPath = process.execPath;

unix("takes the Node of the setting before that of PATH", async () => {
  const [set, onPath] = [fakeNode("v22.1.0"), fakeNode("v20.9.0")];
  const env = { PATH: `${onPath.folder}:/bin` };
  const found = await findNode({ setting: set.file, env, execPath });
  expect(found).toMatchObject({ command: set.file, version: "22.1.0", source: "setting" });
});

unix("refuses a Node of the setting that is too old or none, and says so", async () => {
  const old = fakeNode("v18.20.0");
  const env = { PATH: "/bin" };
  await expect(findNode({ setting: old.file, env, execPath })).rejects.toThrow(
    `glad.nodePath: ${old.file} is Node.js 18.20.0, expected Node.js 20 or newer`,
  );
  await expect(findNode({ setting: "/nowhere/node", env, execPath })).rejects.toThrow(
    "glad.nodePath: /nowhere/node cannot be started",
  );
});

unix("passes over an old Node of PATH for the editor's own executable", async () => {
  const old = fakeNode("v16.0.0");
  const found = await findNode({ setting: "", env: { PATH: `${old.folder}:/bin` }, execPath });
  expect(found).toMatchObject({ command: execPath, source: "editor" });
  expect(found.env["ELECTRON_RUN_AS_NODE"]).toBe("1");
});

unix("says what to do where there is no Node at all", async () => {
  const env = { PATH: temporaryFolder() };
  const search = findNode({ setting: "", env, execPath: "/nowhere/editor" });
  await expect(search).rejects.toThrow(
    "there is no `node` on PATH; install one from nodejs.org, or set glad.nodePath",
  );
});

test("clears what editors and debuggers put into the environment", () => {
  const env = {
    PATH: "/bin",
    NODE_OPTIONS: "--inspect",
    VSCODE_PID: "1",
    ELECTRON_RUN_AS_NODE: "1",
  };
  expect(cleanEnvironment(env)).toEqual({ PATH: "/bin" });
});

test("hands settings on as variables, and empty ones not at all", () => {
  expect(settingsEnvironment({ cudaPath: "", modelCache: "" })).toEqual({});
  expect(settingsEnvironment({ cudaPath: "/cuda", modelCache: "/models" })).toEqual({
    GLAD_CUDA_PATH: "/cuda",
    HF_HUB_CACHE: "/models",
  });
});

test("gathers what a command prints, and hears its lines as they come", async () => {
  const node = await findNode({ setting: "", env: process.env, execPath });
  const folder = temporaryFolder({
    "say.js":
      'process.stderr.write("a\\nb"); process.stdout.write(process.argv[2]); process.exitCode = 3',
  });
  const lines: string[] = [];
  const options = { cwd: folder, onLine: (line: string) => lines.push(line) };
  const end = await runNode(node, join(folder, "say.js"), ["x"], options);
  const pid = expect.any(Number) as number;
  expect(end).toEqual({ pid, code: 3, stdout: "x", stderr: "a\nb" });
  expect(lines).toEqual(["a"]);
});

unix("ends a command that is given up", async () => {
  const node = await findNode({ setting: "", env: process.env, execPath });
  const folder = temporaryFolder({ "wait.js": "setTimeout(() => {}, 60000)" });
  const abort = new AbortController();
  const started = Date.now();
  setTimeout(() => abort.abort(), 200);
  const end = await runNode(node, join(folder, "wait.js"), [], {
    cwd: folder,
    signal: abort.signal,
  });
  expect(end.code).toBeNull();
  expect(Date.now() - started).toBeLessThan(10_000);
});
