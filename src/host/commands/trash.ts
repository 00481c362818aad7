import { existsSync } from "node:fs";
import { rename, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { messageOf, UserError } from "../../util/errors";
import { makeFolder } from "../../util/makeFolder";
import { placeInTrash, trashBeside } from "../runs/deletedRuns";
import type { Services } from "../services";
import { requireTrust } from "./targets";

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
    // What was put back by "Restore Deleted Run" while the message stood is left alone.
    try {
      for (const [from, to] of moved.filter((each) => existsSync(each[1])))
        if (answer === undo) await putBack(to, from);
        else await toSystemTrash(to, services);
    } finally {
      await services.store.refresh();
    }
  };
  // Nobody waits for the answer: the message may stand for long.
  void vscode.window
    .showInformationMessage(t("{0}: moved to the trash.", what), undo)
    .then(answered)
    .then(undefined, (error: unknown) => {
      services.output.error(String(error));
      void vscode.window.showErrorMessage(messageOf(error));
    });
}

/** Puts a deleted run back that the user picks. */
export async function restoreRun(services: Services): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const { prompts, store, trash } = services;
  const deleted = await trash.look();
  if (deleted.length === 0) throw new UserError(t("There is no deleted run to put back."));
  const items = deleted.map((run) => ({
    label: run.name,
    description: t("deleted {0}", new Date(run.time).toLocaleString(vscode.env.language)),
    detail: vscode.workspace.asRelativePath(dirname(run.from)),
    run,
  }));
  const picked = await prompts.pick(items, { title: t("Restore which run?") });
  if (!picked) return;
  const { folder, from } = picked.run;
  await makeFolder(dirname(from));
  await putBack(folder, from);
  await store.refresh();
}

/** Moves a folder out of the trash, in which its own place is not needed any more. */
async function putBack(folder: string, to: string): Promise<void> {
  if (existsSync(to))
    throw new UserError(
      vscode.l10n.t(
        "{0} is there again; rename or delete it to put the deleted one back.",
        basename(to),
      ),
    );
  await moveOnce(folder, to);
  await rmdir(dirname(folder)).catch(() => undefined);
}

/** Moves folders into `.glad/trash`, each into a folder of its own there. */
export async function moveAside(folders: readonly string[]): Promise<Moved[]> {
  const moved: Moved[] = [];
  for (const from of folders) {
    const place = placeInTrash(trashOf(from), Date.now(), moved.length);
    await makeFolder(place);
    const to = join(place, basename(from));
    await moveOnce(from, to).catch(async (error: unknown) => {
      await rmdir(place);
      throw error;
    });
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
    throw new UserError(vscode.l10n.t("{0} is no longer there", from));
  }
}

/** The trash of the folder of runs that a run or checkpoint lies in. */
function trashOf(folder: string): string {
  const parent = dirname(folder);
  return trashBeside(basename(parent) === "checkpoints" ? dirname(dirname(parent)) : parent);
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
