import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { resolveSetting } from "../../protocol/resolveSetting";
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
  /** The first of some runs that was made by a configuration, in its folder and by its name, whatever it is called now. */
  firstRunOf<R extends { id: string }>(file: string, runs: readonly R[]): Promise<R | null>;
  refresh(): Promise<void>;
}

/** What a configuration says of its runs. */
interface Written {
  /** The folder that holds the folder of the runs. */
  output: string;
  /** What they are called in their frozen configurations. */
  name: string;
}

/** Looks for configurations and keeps looking. */
export function findConfigFiles(): ConfigFiles {
  const changed = new vscode.EventEmitter<void>();
  let nameOf: ((run: string) => Promise<string | null>) | null = null;
  let known = new Map<string, Written>();
  let looks = 0;
  const refresh = async (): Promise<void> => {
    const look = ++looks;
    const found = await vscode.workspace.findFiles(pattern, skipped, most);
    const files = found.map(({ fsPath }) => fsPath).sort(nearestFirst);
    const written = await Promise.all(
      files.map(async (file) => [file, await writtenIn(file)] as const),
    );
    // A look that was overtaken by a later one knows less than that.
    if (look !== looks) return;
    known = new Map(written);
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
      return [...known.keys()];
    },
    onChange: changed.event,
    runFolders() {
      const folders = vscode.workspace.workspaceFolders ?? [];
      const usual = folders.map(({ uri }) => join(uri.fsPath, ".glad"));
      const outputs = [...known.values()].map(({ output }) => output);
      return [...new Set([...usual, ...outputs])].map(runsFolder);
    },
    async firstRunOf(file, runs) {
      const written = known.get(file);
      if (!written) return null;
      const { frozenNames } = await import("../runs/frozenNames");
      nameOf ??= frozenNames();
      const beside = runs.filter(({ id }) => dirname(id) === runsFolder(written.output));
      for (const run of beside) if ((await nameOf(run.id)) === written.name) return run;
      return null;
    },
    refresh,
    dispose: () => {
      vscode.Disposable.from(watcher, changed, ...heard).dispose();
    },
  };
}

/** What a configuration says of its runs; where it cannot be read or says nothing, the defaults. */
async function writtenIn(file: string): Promise<Written> {
  const bytes = await Promise.resolve(vscode.workspace.fs.readFile(vscode.Uri.file(file))).catch(
    () => new Uint8Array(),
  );
  const { findNodeAtLocation } = await import("jsonc-parser/lib/esm/main.js");
  const { jsonTree } = await import("../../protocol/jsonTree");
  const tree = jsonTree(Buffer.from(bytes).toString("utf8"));
  const text = (key: string, otherwise: string): string => {
    const value: unknown = (tree && findNodeAtLocation(tree, [key]))?.value;
    return typeof value === "string" ? value : otherwise;
  };
  return {
    output: resolveSetting(["output"], text("output", ".glad"), dirname(file)),
    name: text("name", "run"),
  };
}

function nearestFirst(a: string, b: string): number {
  const depth = (path: string): number => path.split(/[\\/]/).length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
}
