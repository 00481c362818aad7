import { join } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../util/errors";
import type { Conversation, ConversationOptions } from "./conversation";
import { settingDefaults, type SettingId } from "./ids";
import type { CommandEnd, CommandOptions, NodeProgram, NodeSearch } from "./node";

export interface ProgramOptions extends CommandOptions {
  /** The log need not tell of it: nobody asked for the command. */
  quiet?: boolean;
}

/** The command line program, run in a Node.js of its own. */
export interface Program {
  /** Runs a command to its end; a command that ends with a user's mistake or a failure is not thrown. */
  run(args: readonly string[], options: ProgramOptions): Promise<CommandEnd>;
  /** As `run`; an end with another exit code than 0 is thrown as a UserError with what the program said. */
  must(args: readonly string[], options: ProgramOptions): Promise<CommandEnd>;
  /** Starts a command that is listened to, and spoken with, while it goes on. */
  open(args: readonly string[], options: ConversationOptions): Promise<Conversation>;
  node(): Promise<NodeProgram>;
}

/** A setting of the machine. */
export function setting<K extends SettingId>(id: K): (typeof settingDefaults)[K] {
  const [section, key] = id.split(".") as [string, string];
  return vscode.workspace.getConfiguration(section).get(key, settingDefaults[id]);
}

/** Most windows start no command while they start. */
const running = () => import("./node");

async function nodeOf(search: NodeSearch): Promise<NodeProgram> {
  return (await running()).findNode(search);
}

/** The program that lies in the extension's folder. */
export function openProgram(extensionPath: string, output: vscode.LogOutputChannel): Program {
  const script = join(extensionPath, "dist", "cli.js");
  let found: { key: string; node: Promise<NodeProgram> } | null = null;
  const node = (): Promise<NodeProgram> => {
    const key = setting("glad.nodePath");
    if (found?.key === key) return found.node;
    const search = nodeOf({ setting: key, env: process.env, execPath: process.execPath });
    found = { key, node: search };
    search.then(
      ({ version, source, command }) => output.info(`Node.js ${version} of ${source}: ${command}`),
      // It may be installed or mended before the next attempt.
      () => (found = null),
    );
    return search;
  };
  /** What a command is started with. */
  const starting = async () => {
    const [program, { runNode, settingsEnvironment }] = await Promise.all([node(), running()]);
    const [cudaPath, modelCache] = [setting("glad.cudaPath"), setting("glad.modelCache")];
    return { program, runNode, env: settingsEnvironment({ cudaPath, modelCache }) };
  };
  const log = (args: readonly string[], started: number, code: number | null, quiet = false) => {
    const said = `glad ${args.join(" ")}: exit code ${code ?? "none"} after ${Date.now() - started} ms`;
    if (quiet) output.debug(said);
    else output.info(said);
  };
  const run: Program["run"] = async (args, options) => {
    const { program, runNode, env } = await starting();
    const started = Date.now();
    const end = await runNode(program, script, args, { ...options, env });
    log(args, started, end.code, options.quiet);
    if (end.code !== 0 && end.stderr !== "") output.warn(end.stderr.trimEnd());
    return end;
  };
  return {
    node,
    run,
    async open(args, options) {
      const { openConversation } = await import("./conversation");
      const { program, env } = await starting();
      const started = Date.now();
      const opened = openConversation(program, script, args, { ...options, env });
      void opened.ended.then(({ code }) => log(args, started, code));
      return opened;
    },
    async must(args, options) {
      const end = await run(args, options);
      if (end.code === 0) return end;
      throw new UserError(end.stderr.trim() || `glad ${args[0]} ended with exit code ${end.code}`);
    },
  };
}
