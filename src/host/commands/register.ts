import * as vscode from "vscode";
import { messageOf, UserError } from "../../util/errors";
import { commandIds } from "../ids";
import type { Services } from "../services";

/**
 * Registers every command; what they do is loaded when the first is called. What a command throws is told to the user and
 * logged; nothing is lost.
 */
export function registerCommands(services: Services): vscode.Disposable {
  const registered = commandIds.map((id) =>
    vscode.commands.registerCommand(id, async (given: unknown, selected: unknown) => {
      try {
        const { commandTable } = await import("./table");
        return await commandTable[id](services, given, selected);
      } catch (error) {
        tell(error, services.output);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
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
