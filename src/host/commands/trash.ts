import { mkdir, rename, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import type { Services } from "../services";

/** Where a folder was, and where it was moved. */
type Moved = [from: string, to: string];

/**
 * Moves folders aside, so that it can be undone while the message stands, and then to the system's trash. Where there
 * is none (a server), they stay in `.glad/trash`. `what` names them in the message.
 */
export async function discard(
  services: Services,
  folders: readonly string[],
  what: string,
): Promise<void> {
  const { t } = vscode.l10n;
  const moved = await moveAside(folders);
  await services.store.refresh();
  const undo = t("Undo");
  const answered = async (answer: string | undefined): Promise<void> => {
    for (const [from, to] of moved)
      if (answer === undo) await rename(to, from);
      else await toSystemTrash(to, services);
    await services.store.refresh();
  };
  // Nobody waits for the answer: the message may stand for long.
  void vscode.window
    .showInformationMessage(t("{0}: moved to the trash.", what), undo)
    .then(answered)
    .then(undefined, (error: unknown) => services.output.error(String(error)));
}

/** Moves folders into `.glad/trash`, each into a folder of its own there. */
export async function moveAside(folders: readonly string[]): Promise<Moved[]> {
  const moved: Moved[] = [];
  for (const from of folders) {
    const trash = join(trashOf(from), `${Date.now()}-${moved.length}`);
    await mkdir(trash, { recursive: true });
    const to = join(trash, basename(from));
    await moveOnce(from, to);
    moved.push([from, to]);
  }
  return moved;
}

/** Another window may have deleted it in this moment. */
async function moveOnce(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await rmdir(dirname(to));
    throw new UserError(vscode.l10n.t("{0} is no longer there", from));
  }
}

/** `.glad/trash` of the `.glad` folder, or whatever `output` is called, that a run or checkpoint lies in. */
function trashOf(folder: string): string {
  const parent = dirname(folder);
  const runs = basename(parent) === "checkpoints" ? dirname(dirname(parent)) : parent;
  return join(dirname(runs), "trash");
}

/** Hands a folder that was moved aside to the system's trash. */
export async function toSystemTrash(
  folder: string,
  { output }: Pick<Services, "output">,
): Promise<void> {
  try {
    await vscode.workspace.fs.delete(vscode.Uri.file(dirname(folder)), {
      recursive: true,
      useTrash: true,
    });
  } catch (error) {
    output.info(`There is no trash here (${String(error)}); kept in ${folder}`);
  }
}
