import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { partialName } from "../../util/partialName";
import { plainName } from "../runs/runNames";
import type { Services } from "../services";
import { anyFolder, chooseCheckpoint, requireTrust, waiting } from "./targets";

/** Writes a checkpoint to a folder that the user chooses: as an adapter, or as a model of its own. */
export async function exportCheckpoint(services: Services, given: unknown): Promise<void> {
  const { t } = vscode.l10n;
  const chosen = await chooseCheckpoint(services, given, t("Export which checkpoint?"), {
    only: true,
  });
  if (!chosen) return;
  const adapter = {
    label: t("Adapter"),
    detail: t("Small; PEFT reads it beside the CLIP that it was trained on."),
  };
  const model = {
    label: t("Model"),
    detail: t("CLIP with the adapter merged, and a classifier of the run's classes in ONNX."),
  };
  const kind = await services.prompts.pick([adapter, model], { title: t("Export as what?") });
  if (!kind) return;
  // Copying files starts nothing.
  if (kind === model) requireTrust();
  const parent = await services.prompts.folder(t("Export into which folder?"));
  if (!parent) return;
  const { run, checkpoint } = chosen;
  const target = freeName(join(parent.fsPath, `${plainName(run)}-step-${checkpoint.step}`));
  if (kind === adapter) {
    await copyAdapter(checkpoint.folder, target);
    return offer(t("The adapter is in {0}; PEFT reads it.", target), target);
  }
  if (await writeModel(services, checkpoint.folder, target))
    offer(t("The model is in {0}; its README says how to use it.", target), target, true);
}

/** The path, or where that is taken the path with a number. */
function freeName(path: string): string {
  for (let number = 2, name = path; ; name = `${path}-${number++}`)
    if (!existsSync(name)) return name;
}

async function copyAdapter(from: string, target: string): Promise<void> {
  for (const name of ["adapter_config.json", "adapter_model.safetensors"])
    await cp(join(from, name), join(target, name));
}

/** False where the user thinks better of it. */
async function writeModel(services: Services, from: string, target: string): Promise<boolean> {
  const title = vscode.l10n.t("GLAD: exporting the model");
  return waiting(title, async (signal) => {
    const options = { cwd: anyFolder(services), signal };
    const end = await services.program.run(["export", from, target], options);
    if (end.code === 0) return true;
    if (signal.aborted) {
      await removePartial(target, end.pid);
      return false;
    }
    throw new UserError(end.stderr.trim() || `glad export ended with exit code ${end.code}`);
  });
}

/** Removes what an export was making that was ended by force: where there are no signals, or it computed for too long. */
async function removePartial(target: string, pid: number | null): Promise<void> {
  if (pid === null) return;
  const partial = join(dirname(target), partialName(`${basename(target)}.`, pid));
  await rm(partial, { recursive: true, force: true, maxRetries: 9 });
}

/** Says where it is, with ways to look at it; nobody waits for the answer. */
function offer(message: string, folder: string, hasReadme = false): void {
  const { t } = vscode.l10n;
  const [reveal, use] = [t("Reveal"), t("How to Use It")];
  void vscode.window
    .showInformationMessage(message, ...(hasReadme ? [use] : []), reveal)
    .then((answer) => {
      const file = vscode.Uri.file(answer === use ? join(folder, "README.md") : folder);
      if (answer === use) void vscode.commands.executeCommand("markdown.showPreview", file);
      if (answer === reveal)
        void vscode.commands.executeCommand(revealing(file), file, { forceNewWindow: true });
    });
}

/** How a folder is shown: in the explorer where that has it, else beside the window; another machine's in a window of its own. */
function revealing(uri: vscode.Uri): string {
  if (vscode.workspace.getWorkspaceFolder(uri)) return "revealInExplorer";
  return vscode.env.remoteName === undefined ? "revealFileInOS" : "vscode.openFolder";
}
