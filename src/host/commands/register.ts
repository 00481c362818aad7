import * as vscode from "vscode";
import { messageOf, UserError } from "../../util/errors";
import { chooseImagesCommand, commandIds } from "../ids";
import type { Services } from "../services";
import type { Handler } from "./table";

/**
 * Registers every command; what they do is loaded when the first is called. What a command throws is told to the user and
 * logged; nothing is lost.
 */
export function registerCommands(services: Services): vscode.Disposable {
  const register = (id: string, load: () => Promise<Handler>): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (given: unknown, selected: unknown) => {
      try {
        const handle = await load();
        return await handle(services, given, selected);
      } catch (error) {
        tell(error, services.output);
        return undefined;
      }
    });
  return vscode.Disposable.from(
    ...commandIds.map((id) => register(id, async () => (await import("./table")).commandTable[id])),
    register(
      chooseImagesCommand,
      async () => (await import("../config/chooseImages")).chooseImages,
    ),
  );
}

function tell(error: unknown, output: vscode.LogOutputChannel): void {
  const known = error instanceof UserError;
  output.error(
    known || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message),
  );
  const show = vscode.l10n.t("Show Log");
  void vscode.window.showErrorMessage(messageOf(error), show).then((answer) => {
    if (answer === show) output.show();
  });
}
