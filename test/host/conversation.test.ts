import { join } from "node:path";
import { expect, test } from "vitest";
import { openConversation } from "../../src/host/conversation";
import { temporaryFolder } from "../support/temporaryFolder";

const node = {
  command: process.execPath,
  version: process.version,
  source: "PATH",
  env: process.env,
} as const;

/** Opens a conversation with a script of these lines. */
function talk(script: string, options: { signal?: AbortSignal; args?: string[] } = {}) {
  const cwd = temporaryFolder({ "script.mjs": script });
  const heard: string[] = [];
  const { args = [], ...signal } = options;
  const conversation = openConversation(node, join(cwd, "script.mjs"), args, {
    cwd,
    ...signal,
    onLine: (line) => heard.push(line),
  });
  return { ...conversation, heard };
}

test("is answered line by line, and ends when nothing more is asked", async () => {
  const echo = `import { createInterface } from "node:readline";
    for await (const line of createInterface({ input: process.stdin })) console.log("<" + line + ">");
    process.stdout.write("no line's end");`;
  const { say, close, ended, heard } = talk(echo);
  say("Grüße");
  say("");
  close();
  expect(await ended).toEqual({ code: 0, stderr: "" });
  expect(heard).toEqual(["<Grüße>", "<>", "no line's end"]);
});

test("is really ended when it is aborted", async () => {
  const abort = new AbortController();
  const { pid, ended, heard } = talk(`console.log("on"); setInterval(() => {}, 1000);`, {
    signal: abort.signal,
  });
  while (heard.length === 0) await new Promise((settle) => setTimeout(settle, 10));
  expect(process.kill(pid!, 0)).toBe(true);
  abort.abort();
  expect((await ended).code).toBeNull();
  expect(() => process.kill(pid!, 0)).toThrow("ESRCH");
});

test("tells what a command said that failed, and hears nothing of it afterwards", async () => {
  const { say, ended } = talk(`console.error("wrong"); process.exit(1);`);
  expect(await ended).toEqual({ code: 1, stderr: "wrong\n" });
  say("nobody listens");
});

test("of a program that is not there says so", async () => {
  const { ended } = openConversation({ ...node, command: "/nowhere/node" }, "x", [], {
    cwd: temporaryFolder(),
    onLine: () => undefined,
  });
  expect((await ended).code).toBeNull();
  expect((await ended).stderr).toContain("ENOENT");
});
