import * as vscode from "vscode";
import { imageEndings } from "../util/imageNames";

/** Everything that asks the user, in one place: tests answer in the user's stead, since dialogs are refused there. */
export interface Prompts {
  /** One of some items; undefined when the user thinks better of it. */
  pick<T extends vscode.QuickPickItem>(
    items: readonly T[],
    options: vscode.QuickPickOptions,
  ): Thenable<T | undefined>;
  pickMany<T extends vscode.QuickPickItem>(
    items: readonly T[],
    options: vscode.QuickPickOptions,
  ): Thenable<T[] | undefined>;
  input(options: vscode.InputBoxOptions): Thenable<string | undefined>;
  /** A question that is answered by one of the buttons, or not at all. */
  confirm(message: string, ...buttons: string[]): Thenable<string | undefined>;
  folder(title: string): Thenable<vscode.Uri | undefined>;
  /** Several image files. */
  images(title: string): Thenable<vscode.Uri[] | undefined>;
  save(options: vscode.SaveDialogOptions): Thenable<vscode.Uri | undefined>;
}

/** The editor's own dialogs. */
export const editorPrompts: Prompts = {
  pick: (items, options) => vscode.window.showQuickPick(items, options),
  pickMany: (items, options) =>
    vscode.window.showQuickPick(items, { ...options, canPickMany: true }),
  input: (options) => vscode.window.showInputBox({ ignoreFocusOut: true, ...options }),
  confirm: (message, ...buttons) =>
    vscode.window.showWarningMessage(message, { modal: true }, ...buttons),
  folder: (title) =>
    vscode.window
      .showOpenDialog({ title, canSelectFolders: true, canSelectFiles: false })
      .then((chosen) => chosen?.[0]),
  images: (title) =>
    vscode.window.showOpenDialog({
      title,
      canSelectMany: true,
      filters: { [vscode.l10n.t("Images")]: imageEndings },
    }),
  save: (options) => vscode.window.showSaveDialog(options),
};
