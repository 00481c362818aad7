import { dirname } from "node:path";
import * as vscode from "vscode";
import type { ListEvent } from "../../protocol/dataReport";
import { UserError } from "../../util/errors";
import type { ConfigFiles } from "../config/configFiles";
import { contextKeys } from "../ids";
import type { Program } from "../program";
import { type DataPlaces, type DataStore, type LookForData, openDataStore } from "./dataStore";

/** The folders that the user added to the view, of this workspace. */
export interface AddedFolders {
  readonly folders: readonly string[];
  add(folders: readonly string[]): Promise<void>;
  remove(folder: string): Promise<void>;
}

const key = "glad.dataFolders";

/** Keeps the added folders with the workspace, and tells menus whether there are any. */
export function addedFolders(state: vscode.Memento): AddedFolders {
  const folders = (): string[] => state.get<string[]>(key, []);
  const keep = async (changed: readonly string[]): Promise<void> => {
    await state.update(key, changed);
    tell();
  };
  const tell = (): void => {
    const any = folders().length > 0;
    void vscode.commands.executeCommand("setContext", contextKeys.hasAddedFolder, any);
  };
  tell();
  return {
    get folders() {
      return folders();
    },
    add: (more) => keep([...new Set([...folders(), ...more])]),
    remove: (folder) => keep(folders().filter((each) => each !== folder)),
  };
}

/** The data sets of the window: listed by the program, or in a workspace that is not trusted by a look at the folders. */
export function openWindowData(
  context: vscode.ExtensionContext,
  program: Program,
  configs: ConfigFiles,
  added: AddedFolders,
  output: vscode.LogOutputChannel,
): DataStore {
  const listed = listByProgram(program, context.extensionPath);
  return openDataStore({
    where: async () => ({
      added: added.folders,
      configured: (await Promise.all(configs.files.map(dataOf))).flat(),
      workspaces: workspaceFolders(),
    }),
    async look(places, tell) {
      if (vscode.workspace.isTrusted) return listed(places, tell);
      const { lookAround } = await import("./lookAround");
      return lookAround(places, tell);
    },
    memory: vscode.Uri.joinPath(context.globalStorageUri, "checks").fsPath,
    onError: (error) => output.error(String(error)),
  });
}

function workspaceFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
}

/** The folders that a configuration trains and measures on; none of one that cannot be read. */
async function dataOf(file: string): Promise<DataPlaces["configured"][number][]> {
  const { loadConfig } = await import("../../protocol/loadConfig");
  try {
    const { data, evaluation } = loadConfig(file, [], dirname(file));
    return [data, ...evaluation.targets].flatMap(({ root, dataset }) =>
      root === null ? [] : [{ root, dataset }],
    );
  } catch {
    return [];
  }
}

/** Lists by `glad data list`, whose lines are read as they come. */
function listByProgram(program: Program, cwd: string): LookForData {
  return async ({ added, configured, workspaces }, tell) => {
    const roots = [...added, ...configured.map(({ root, dataset }) => `${dataset}=${root}`)];
    let watch: string[] | null = null;
    const args = ["data", "list", ...roots, "--json"];
    if (workspaces.length > 0) args.push("--workspace", ...workspaces);
    const { close, ended } = await program.open(args, {
      cwd,
      onLine(line) {
        const event = JSON.parse(line) as ListEvent;
        if (event.type === "set") tell(event);
        else ({ watch } = event);
      },
    });
    close();
    const { code, stderr } = await ended;
    if (watch !== null) return watch;
    throw new UserError(stderr.trim() || `glad data list ended with exit code ${code}`);
  };
}
