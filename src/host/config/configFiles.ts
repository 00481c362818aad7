import { dirname, join } from "node:path";
import { getNodeValue, parseTree } from "jsonc-parser/lib/esm/main.js";
import * as vscode from "vscode";
import { resolveSetting } from "../../protocol/loadConfig";
import { runsFolder } from "../../protocol/runFolder";
import { contextKeys } from "../ids";

/** Files that are configurations: `glad.json` and `<anything>.glad.json`. */
const pattern = "**/{glad.json,*.glad.json}";
const skipped = "**/{node_modules,.glad,.git}/**";
/** More configurations than these are not looked for. */
const most = 200;

/** The configurations of the workspace, and the folders of runs that they and the workspace's folders have. */
export interface ConfigFiles extends vscode.Disposable {
  /** Absolute paths; those nearest to a workspace folder first. */
  readonly files: readonly string[];
  /** Hears when `files` or `runFolders` changed. */
  readonly onChange: vscode.Event<void>;
  /** Folders whose sub-folders are runs. */
  runFolders(): readonly string[];
  refresh(): Promise<void>;
}

/** Looks for configurations and keeps looking. */
export function findConfigFiles(): ConfigFiles {
  const changed = new vscode.EventEmitter<void>();
  let outputs = new Map<string, string>();
  const refresh = async (): Promise<void> => {
    const found = await vscode.workspace.findFiles(pattern, skipped, most);
    const files = found.map(({ fsPath }) => fsPath).sort(nearestFirst);
    outputs = new Map(
      await Promise.all(files.map(async (file) => [file, await outputOf(file)] as const)),
    );
    await vscode.commands.executeCommand(
      "setContext",
      contextKeys.hasConfiguration,
      files.length > 0,
    );
    changed.fire();
  };
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const later = (): void => void refresh();
  const heard = [
    watcher.onDidCreate(later),
    watcher.onDidDelete(later),
    watcher.onDidChange(later),
    vscode.workspace.onDidChangeWorkspaceFolders(later),
  ];
  return {
    get files() {
      return [...outputs.keys()];
    },
    onChange: changed.event,
    runFolders() {
      const folders = vscode.workspace.workspaceFolders ?? [];
      const usual = folders.map(({ uri }) => join(uri.fsPath, ".glad"));
      return [...new Set([...usual, ...outputs.values()])].map(runsFolder);
    },
    refresh,
    dispose: () => {
      vscode.Disposable.from(watcher, changed, ...heard).dispose();
    },
  };
}

/** The folder that a configuration's runs lie in; of one that cannot be read, the default. */
async function outputOf(file: string): Promise<string> {
  let output: unknown;
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
    const tree = parseTree(Buffer.from(bytes).toString("utf8"));
    output = (tree && (getNodeValue(tree) as { output?: unknown } | null))?.output;
  } catch {
    output = undefined;
  }
  return resolveSetting(["output"], typeof output === "string" ? output : ".glad", dirname(file));
}

function nearestFirst(a: string, b: string): number {
  const depth = (path: string): number => path.split(/[\\/]/).length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
}
