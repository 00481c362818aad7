import { type ChildProcess, execFile, spawn } from "node:child_process";
import { UserError } from "../util/errors";

/** A Node.js that can run the program, and the environment that it is to be started in. */
export interface NodeProgram {
  command: string;
  version: string;
  /** Where it was found, for the user. */
  source: "setting" | "PATH" | "editor";
  env: NodeJS.ProcessEnv;
}

export interface NodeSearch {
  /** `glad.nodePath`; empty to look elsewhere. */
  setting: string;
  env: NodeJS.ProcessEnv;
  /** The editor's own executable. */
  execPath: string;
}

/** What the program asks of Node.js. */
export const leastMajor = 20;
/** A Node.js that does not tell its version within this time is none. */
const versionTimeout = 5000;

/**
 * The Node.js that runs the trainer: the one of the setting, else `node` of PATH, else the editor's own executable. One that the user
 * named and that does not work is a UserError; the others are passed over.
 */
export async function findNode({ setting, env, execPath }: NodeSearch): Promise<NodeProgram> {
  const clean = cleanEnvironment(env);
  if (setting !== "") {
    const version = await versionOf(setting, clean);
    if (version !== null && isEnough(version))
      return { command: setting, version, source: "setting", env: clean };
    const found = version === null ? "cannot be started" : `is Node.js ${version}`;
    throw new UserError(
      `glad.nodePath: ${setting} ${found}, expected Node.js ${leastMajor} or newer; change the setting, or empty it to take the one of PATH`,
    );
  }
  const onPath = await versionOf("node", clean);
  if (onPath !== null && isEnough(onPath))
    return { command: "node", version: onPath, source: "PATH", env: clean };
  const own = { ...clean, ELECTRON_RUN_AS_NODE: "1" };
  const version = await versionOf(execPath, own);
  if (version !== null && isEnough(version))
    return { command: execPath, version, source: "editor", env: own };
  throw new UserError(
    `no Node.js ${leastMajor} or newer was found: ${onPath === null ? "there is no `node` on PATH" : `\`node\` of PATH is ${onPath}`}; install one from nodejs.org, or set glad.nodePath`,
  );
}

/** An environment without what editors and debuggers put there for themselves. */
export function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^(NODE_OPTIONS|ELECTRON_RUN_AS_NODE|VSCODE_.*)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

/** The machine's settings as the variables that the program reads; empty settings leave the variables as they are. */
export function settingsEnvironment(settings: { cudaPath: string; modelCache: string }) {
  return {
    ...(settings.cudaPath === "" ? {} : { GLAD_CUDA_PATH: settings.cudaPath }),
    ...(settings.modelCache === "" ? {} : { HF_HUB_CACHE: settings.modelCache }),
  };
}

function isEnough(version: string): boolean {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= leastMajor;
}

function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((settle) => {
    const options = { env, timeout: versionTimeout, windowsHide: true };
    execFile(command, ["--version"], options, (error, stdout) => {
      const version = /^v(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1];
      settle(error || version === undefined ? null : version);
    });
  });
}

/** What a command of the program printed and how it ended. */
export interface CommandEnd {
  /** The process that it was; null where none was started. */
  pid: number | null;
  /** The exit code; null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd: string;
  /** Ends the command when it is aborted: politely, and after five seconds at once. */
  signal?: AbortSignal;
  /** Hears each line of standard error as it comes. */
  onLine?: (line: string) => void;
  /** Takes a line of standard error that only tells how far the command has come: true keeps it from what the command said. */
  onProgress?: (line: string) => boolean;
  env?: NodeJS.ProcessEnv;
  /** What the command reads from standard input; nothing where it is missing. */
  input?: string;
}

/** Runs a script with arguments to its end; its output is gathered. */
export function runNode(
  node: NodeProgram,
  script: string,
  args: readonly string[],
  { cwd, signal, onLine, onProgress, env, input }: CommandOptions,
): Promise<CommandEnd> {
  return new Promise((settle, reject) => {
    const child = spawn(node.command, [script, ...args], {
      cwd,
      env: { ...node.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    // A command that ends before it has read everything is no failure of its own.
    child.stdin.on("error", () => undefined).end(input);
    const release = endOnAbort(child, signal);
    const end: CommandEnd = { pid: child.pid ?? null, code: null, stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (end.stdout += text));
    let line = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      const lines = (line + text).split(/\r\n|\n|\r/);
      line = lines.pop()!;
      for (const whole of lines) {
        if (onProgress?.(whole)) continue;
        end.stderr += `${whole}\n`;
        onLine?.(whole);
      }
    });
    child.once("error", reject);
    const finish = (code: number | null): void => {
      release();
      settle({ ...end, stderr: end.stderr + line, code });
    };
    child.once("close", finish);
    // What an ended command has started may hold its output open; nobody waits for that.
    child.once("exit", (code) => signal?.aborted && finish(code));
  });
}

/** Ends a child politely when the signal is aborted, and after five seconds at once. The result stops listening. */
export function endOnAbort(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  };
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  };
}
