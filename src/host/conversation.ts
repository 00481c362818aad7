import { spawn } from "node:child_process";
import { endOnAbort, type NodeProgram } from "./node";

/** A command that is spoken with while it goes on. */
export interface Conversation {
  /** Writes a line to its standard input. */
  say: (line: string) => void;
  /** Ends its standard input; a command that answers questions ends by itself then. */
  close: () => void;
  /** How it ended; never rejects. The exit code is null where a signal ended it or it could not be started. */
  ended: Promise<{ code: number | null; stderr: string }>;
  pid: number | undefined;
}

export interface ConversationOptions {
  cwd: string;
  /** Ends the command when it is aborted: politely, and after five seconds at once. */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
  /** Hears each line of standard output as it comes. */
  onLine: (line: string) => void;
  /** Hears each line of standard error; without it, they are gathered for the end. */
  onErrorLine?: (line: string) => void;
}

/** Starts a script with arguments and listens to it line by line. */
export function openConversation(
  node: NodeProgram,
  script: string,
  args: readonly string[],
  { cwd, signal, env, onLine, onErrorLine }: ConversationOptions,
): Conversation {
  const child = spawn(node.command, [script, ...args], {
    cwd,
    env: { ...node.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const release = endOnAbort(child, signal);
  let stderr = "";
  hearLines(child.stdout, onLine);
  hearLines(child.stderr, onErrorLine ?? ((line) => (stderr += `${line}\n`)));
  // A command that has ended hears nothing any more; how it ended is told below.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<{ code: number | null; stderr: string }>((settle) => {
    child.once("error", (error) => {
      release();
      settle({ code: null, stderr: error.message });
    });
    child.once("close", (code) => {
      release();
      settle({ code, stderr });
    });
  });
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    close: () => void child.stdin.end(),
    ended,
    pid: child.pid,
  };
}

function hearLines(stream: NodeJS.ReadableStream, hear: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) hear(line);
  });
  stream.on("end", () => {
    if (rest !== "") hear(rest);
  });
}
