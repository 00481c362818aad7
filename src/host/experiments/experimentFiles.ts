import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { resolveSetting } from "../../protocol/resolveSetting";
import { type ExperimentFile, nameOfFile } from "./experimentRecords";

const pattern = "**/*.experiment.json";
const skipped = "**/{node_modules,.glad,.git}/**";
/** More experiments than these are not looked for. */
const most = 200;

/** The experiment files of the workspace. */
export interface ExperimentFiles extends vscode.Disposable {
  readonly files: readonly ExperimentFile[];
  /** Hears when one came, went or was changed. */
  readonly onChange: vscode.Event<void>;
  /** The folders `.glad` of the workspace's folders. */
  outputs(): readonly string[];
  refresh(): Promise<void>;
}

/** Looks for experiment files and keeps looking. */
export function findExperimentFiles(): ExperimentFiles {
  const changed = new vscode.EventEmitter<void>();
  let files: readonly ExperimentFile[] = [];
  let looks = 0;
  const refresh = async (): Promise<void> => {
    const look = ++looks;
    const found = await vscode.workspace.findFiles(pattern, skipped, most);
    const read = await Promise.all(found.map(({ fsPath }) => readFile(fsPath)));
    // A look that was overtaken by a later one knows less than that.
    if (look !== looks) return;
    files = read;
    changed.fire();
  };
  const later = (): void => void refresh();
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const heard = [
    watcher.onDidCreate(later),
    watcher.onDidDelete(later),
    watcher.onDidChange(later),
    vscode.workspace.onDidChangeWorkspaceFolders(later),
  ];
  return {
    get files() {
      return files;
    },
    onChange: changed.event,
    outputs: () =>
      (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => join(uri.fsPath, ".glad")),
    refresh,
    dispose: () => void vscode.Disposable.from(watcher, changed, ...heard).dispose(),
  };
}

/** What the store must know of a file before the program expands it; defaults where it cannot be read. */
async function readFile(file: string): Promise<ExperimentFile> {
  const written = await readJson(file);
  const output = typeof written?.config?.output === "string" ? written.config.output : ".glad";
  return {
    file,
    name: typeof written?.name === "string" ? written.name : nameOfFile(file),
    output: resolveSetting(["output"], output, dirname(file)),
  };
}

async function readJson(file: string): Promise<Written | null> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
    const { getNodeValue, parseTree } = await import("jsonc-parser/lib/esm/main.js");
    const tree = parseTree(Buffer.from(bytes).toString("utf8"));
    return tree ? (getNodeValue(tree) as Written | null) : null;
  } catch {
    // Gone since it was found.
    return null;
  }
}

interface Written {
  name?: unknown;
  config?: { output?: unknown };
}
