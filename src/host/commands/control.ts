import * as vscode from "vscode";
import { type ControlRequest, requestControl } from "../../protocol/runFolder";
import { UserError } from "../../util/errors";
import { duration } from "../../protocol/pace";
import { isListening, isLive, type HostRun } from "../runs/hostRun";
import { type Rung, stopPort, type StopEnd, stopRun } from "../runs/supervise";
import type { Services } from "../services";
import { chooseRun, requireTrust } from "./targets";

/** Asks the trainer of a run, one in some state, for something that it does between two steps. */
export function request(what: ControlRequest, state?: HostRun["state"]) {
  // Runs to pick from are those that would do it.
  const fits = (run: HostRun): boolean =>
    isListening(run) && (state === undefined || run.state === state);
  return async (services: Services, given: unknown): Promise<void> => {
    requireTrust();
    const run = await chooseRun(services, given, fits, vscode.l10n.t("Which run?"));
    if (!run) return;
    if (!isLive(run)) throw new UserError(vscode.l10n.t("{0} is not being trained", run.name));
    requireListening(run);
    requestControl(run.paths, what);
  };
}

/** Refuses to ask a trainer for what it would not do, and says why. */
export function requireListening(run: HostRun): void {
  if (isListening(run)) return;
  const { t } = vscode.l10n;
  const { name, silent } = run;
  if (silent === null || run.stopping !== null)
    throw new UserError(t("{0} is being stopped; resume it when that is done", name));
  throw new UserError(
    t(
      "{0}: its trainer has not answered for {1}, so it does nothing that it is asked for; stop the run, by force where it must be, and resume it",
      name,
      duration(silent),
    ),
  );
}

/** Stops a run: after the present step where the trainer listens, otherwise ever more firmly. */
export async function stop(services: Services, given: unknown): Promise<void> {
  requireTrust();
  const run = await chooseRun(services, given, isLive, vscode.l10n.t("Stop which run?"));
  if (!run) return;
  if (!isLive(run)) throw new UserError(vscode.l10n.t("{0} is not being trained", run.name));
  // This window is at it, as its row says.
  if (run.stopping !== null) return;
  const { store, tree } = services;
  const end = await tree.busy(() => climb(services, run));
  await store.refresh();
  if (end === "elsewhere")
    throw new UserError(
      vscode.l10n.t("{0} runs on another machine and does not answer; end it there", run.name),
    );
}

/** Climbs the ladder of stopping and says all the while which rung it stands on. */
async function climb({ output, store }: Services, run: HostRun): Promise<StopEnd> {
  let rung: Rung = { name: "request", next: null, seconds: 0 };
  let since = performance.now();
  const tell = (): void =>
    store.noteStopping(run.id, rungText(rung, (performance.now() - since) / 1000));
  const telling = setInterval(tell, 1000);
  try {
    const end = await stopRun(stopPort(run.paths), {
      stepSeconds: lastStepSeconds(run),
      onRung(next) {
        output.info(`[${run.name}] stop: ${next.name}`);
        [rung, since] = [next, performance.now()];
        tell();
      },
    });
    output.info(`[${run.name}] stop: ${end}`);
    return end;
  } finally {
    clearInterval(telling);
    store.noteStopping(run.id, null);
  }
}

/** What is done to end a run and what comes next: "asked to end, asked again in 28 s". */
export function rungText({ name, next, seconds }: Rung, passed: number): string {
  const { t } = vscode.l10n;
  if (name === "kill") return t("ended by force");
  if (next === null) return t("asked to end");
  if (passed >= seconds) return t("waiting for its checkpoint");
  const left = duration(seconds - passed);
  if (name === "signal") return t("asked again, ended by force in {0}", left);
  return next === "signal"
    ? t("asked to end, asked again in {0}", left)
    : t("asked to end, ended by force in {0}", left);
}

/** How long the run's last step took; 0 before there is one. */
function lastStepSeconds({ record: { series } }: HostRun): number {
  return series.columns.stepSeconds[series.length - 1] ?? 0;
}
