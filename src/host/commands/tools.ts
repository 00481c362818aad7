import { join } from "node:path";
import * as vscode from "vscode";
import { requestControl } from "../../protocol/runFolder";
import { makeFolder } from "../../util/makeFolder";
import { demoHome } from "../demoHome";
import { showReport } from "../report";
import { isLive, isMeasurable } from "../runs/hostRun";
import { plainName } from "../runs/runNames";
import type { RunNode } from "../runs/runsTree";
import type { Services } from "../services";
import { requireListening } from "./control";
import { deviceArguments, startRun } from "./train";
import { anyFolder, chooseConfig, chooseRun, folderOf, requireTrust, waiting } from "./targets";

/** Measures a run that is trained between two steps, and any other run, or a checkpoint, in a process of its own. */
export async function evaluate(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const title = t("Evaluate which run?");
  const run = await chooseRun(services, given, isMeasurable, title);
  if (!run) return;
  const checkpoint = (given as RunNode | undefined)?.checkpoint;
  if (isLive(run) && !checkpoint) {
    requireListening(run);
    requestControl(run.paths, "evaluate");
    return;
  }
  const name = checkpoint ? `${plainName(run)} ${checkpoint.step}` : plainName(run);
  const args = ["evaluate", checkpoint?.folder ?? run.id];
  const { stdout } = await waiting(t("GLAD: evaluating {0}", name), (signal) =>
    services.program.must(args, { cwd: run.id, signal }),
  );
  await showReport(t("{0} evaluated", name), stdout);
}

/** Measures CLIP without adapters on the images of a configuration. */
export async function zeroShot(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const file = await chooseConfig(services, given);
  if (file === null) return;
  const args = ["zero-shot", file, ...deviceArguments()];
  const { stdout } = await waiting(vscode.l10n.t("GLAD: zero-shot accuracy"), (signal) =>
    services.program.must(args, { cwd: folderOf(file), signal }),
  );
  await showReport(vscode.l10n.t("Zero-shot accuracy"), stdout);
}

/** Downloads a model of the Hugging Face hub into the user's cache. */
export async function pullModel(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const name =
    typeof given === "string"
      ? given
      : await services.prompts.input({
          title: t("Pull Model"),
          prompt: t("Name of a CLIP on the Hugging Face hub"),
          value: "openai/clip-vit-base-patch16",
          validateInput: (text) =>
            /^[\w.-]+\/[\w.-]+$/.test(text) ? undefined : t("Write it as owner/name"),
        });
  if (name === undefined) return;
  const { stdout } = await waiting(t("GLAD: pulling {0}", name), (signal, say) =>
    services.program.must(["model", "pull", name], {
      cwd: anyFolder(services),
      signal,
      onLine: (line) => say(line),
    }),
  );
  services.diagnostics.refresh();
  await showReport(t("Model"), stdout);
}

/** Draws the demo's pictures and trains its tiny CLIP on them: offline, on the processor, within a minute. */
export async function tryDemo(services: Services): Promise<string | null> {
  requireTrust();
  const home = demoHome(services.context);
  await makeFolder(home);
  const args = ["demo", "prepare", join(home, "demo"), "--output", home];
  const { stdout } = await waiting(vscode.l10n.t("GLAD: drawing the demo's pictures"), (signal) =>
    services.program.must(args, { cwd: home, signal }),
  );
  return startRun(services, (JSON.parse(stdout) as { config: string }).config);
}
