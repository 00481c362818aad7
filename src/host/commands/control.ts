import * as vscode from "vscode";
import { type ControlRequest, requestControl } from "../../protocol/runFolder";
import { UserError } from "../../util/errors";
import { isLive, type HostRun } from "../runs/hostRun";
import { stopPort, stopRun } from "../runs/supervise";
import type { Services } from "../services";
import { chooseRun, requireTrust } from "./targets";

/** Asks the trainer of a run for something that it does between two steps. */
export function request(what: ControlRequest, fits: (run: HostRun) => boolean) {
  return async (services: Services, given: unknown): Promise<void> => {
    requireTrust();
    const run = await chooseRun(services, given, fits, vscode.l10n.t("Which run?"));
    if (!run) return;
    if (!isLive(run)) throw new UserError(vscode.l10n.t("{0} is not being trained", run.name));
    requestControl(run.paths, what);
  };
}

/** Stops a run: after the present step where the trainer listens, otherwise ever more firmly. */
export async function stop(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const run = await chooseRun(services, given, isLive, vscode.l10n.t("Stop which run?"));
  if (!run) return;
  if (!isLive(run)) throw new UserError(vscode.l10n.t("{0} is not being trained", run.name));
  const { output, store, tree } = services;
  const end = await tree.busy(() =>
    stopRun(stopPort(run.paths), {
      stepSeconds: lastStepSeconds(run),
      onRung: (rung) => output.info(`[${run.name}] stop: ${rung}`),
    }),
  );
  output.info(`[${run.name}] stop: ${end}`);
  await store.refresh();
  if (end === "elsewhere")
    throw new UserError(
      vscode.l10n.t("{0} runs on another machine and does not answer; end it there", run.name),
    );
}

/** How long the run's last step took; 0 before there is one. */
function lastStepSeconds({ record: { series } }: HostRun): number {
  return series.columns.stepSeconds[series.length - 1] ?? 0;
}
