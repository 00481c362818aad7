import * as vscode from "vscode";
import { UserError } from "../../util/errors";
import { isLive, isResumable } from "../runs/hostRun";
import { plainName } from "../runs/runNames";
import type { RunNode } from "../runs/runsTree";
import type { Services } from "../services";
import { resume } from "./train";
import { chooseCheckpoint, givenNodes, requireTrust } from "./targets";
import { discard, moveAside, toSystemTrash } from "./trash";

/** Goes on from an earlier checkpoint: the later ones go to the trash, and the run is resumed. */
export async function restoreCheckpoint(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const { t } = vscode.l10n;
  const chosen = await chooseCheckpoint(services, given, t("Restore which checkpoint?"));
  if (!chosen) return;
  const { run, checkpoint } = chosen;
  if (!isResumable(run))
    throw new UserError(
      t(
        "{0} is {1}; only a run that was stopped, failed or interrupted can go back",
        run.name,
        run.state,
      ),
    );
  const later = run.checkpoints.filter(({ step }) => step > checkpoint.step);
  const goOn = t("Restore");
  const question = t(
    "Go on with {0} from step {1}? The checkpoints after it go to the trash.",
    plainName(run),
    checkpoint.step,
  );
  if (later.length > 0 && (await services.prompts.confirm(question, goOn)) !== goOn) return;
  // Without an undo: put back beside what is trained from here on they would be another run's.
  for (const [, to] of await moveAside(later.map(({ folder }) => folder)))
    await toSystemTrash(to, services);
  await resume(services, run.id);
}

/** Moves checkpoints to the trash. */
export async function deleteCheckpoint(
  services: Services,
  given: unknown,
  selected?: unknown,
): Promise<void> {
  requireTrust();
  const nodes = (await givenNodes(services, given, selected)).filter(
    ({ checkpoint }) => checkpoint,
  );
  if (nodes.length > 0) return discardCheckpoints(services, nodes);
  const title = vscode.l10n.t("Delete which checkpoint?");
  const chosen = await chooseCheckpoint(services, given, title);
  if (chosen) await discardCheckpoints(services, [chosen]);
}

/** Moves the checkpoints of some items of the tree to the trash. */
export async function discardCheckpoints(
  services: Services,
  nodes: readonly RunNode[],
): Promise<void> {
  const { t } = vscode.l10n;
  const live = nodes.find(({ run }) => isLive(run));
  if (live) throw new UserError(t("{0} is being trained; stop it first", live.run.name));
  const [first] = nodes;
  const what =
    nodes.length === 1
      ? t("{0}, step {1}", plainName(first!.run), first!.checkpoint!.step)
      : t("{0} checkpoints", nodes.length);
  await discard(
    services,
    nodes.map(({ checkpoint }) => checkpoint!.folder),
    what,
  );
}
