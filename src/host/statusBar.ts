import * as vscode from "vscode";
import { paceOf } from "../protocol/runRecord";
import { duration, speed } from "../protocol/pace";
import { type HostRun, isListening, isLive, isMeasurable, isResumable } from "./runs/hostRun";
import { plainName } from "./runs/runNames";
import { stoppingText } from "./runs/runsTree";
import type { RunStore } from "./runs/runStore";
import { contextKeys } from "./ids";
import { throttled } from "./throttle";

/** The least milliseconds between two drawings of the item. */
const pause = 1000;

/** One item while something runs: step, speed and time left; a click opens the results. */
export function createStatusBar(store: RunStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("glad.run", vscode.StatusBarAlignment.Left, 10);
  item.name = "GLAD";
  item.command = "glad.openLastResults";
  const drawing = throttled(pause, () => {
    const live = store.runs.filter(isLive);
    const [run] = live;
    if (!run) {
      item.hide();
      return;
    }
    item.text = statusText(run, live.length);
    item.tooltip = vscode.l10n.t("{0}: open the results", plainName(run));
    item.accessibilityInformation = {
      label: `GLAD, ${plainName(run)}, ${item.text.replace(/\$\(.*?\)/g, "")}`,
    };
    item.show();
  });
  return vscode.Disposable.from(item, drawing, store.onChange(drawing.ask));
}

function statusText(run: HostRun, count: number): string {
  const { status, record, state, silent } = run;
  const atWork = state === "paused" ? "$(debug-pause)" : "$(sync~spin)";
  const icon = silent === null ? atWork : "$(warning)";
  const parts = [`${icon} ${Math.max(status?.step ?? 0, record.step)}/${status?.steps ?? 0}`];
  const { imagesPerSecond, secondsLeft } = paceOf(record);
  const stopping = stoppingText(run);
  if (stopping !== null) parts.push(stopping);
  else if (silent !== null) parts.push(vscode.l10n.t("no answer for {0}", duration(silent)));
  else if (state === "running" && status && status.steps > 0 && record.step >= status.steps)
    parts.push(vscode.l10n.t("measuring"));
  else if (state === "running" && imagesPerSecond !== null && secondsLeft !== null) {
    parts.push(vscode.l10n.t("{0} images/s", speed(imagesPerSecond)));
    parts.push(vscode.l10n.t("{0} left", duration(secondsLeft)));
  }
  if (count > 1) parts.push(vscode.l10n.t("{0} runs", count));
  return parts.join(" · ");
}

/** Whether a run is of the demo, by its name. */
function isDemo(run: HostRun): boolean {
  return /^demo($|-)/.test(plainName(run));
}

/** Keeps the context keys that menus ask for. */
export function keepContext(store: RunStore): vscode.Disposable {
  const last = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (last.get(key) === value) return;
    last.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  };
  return store.onChange(() => {
    const { runs } = store;
    set(contextKeys.hasRun, runs.length > 0);
    set(contextKeys.hasLive, runs.some(isLive));
    const listening = runs.filter(isListening);
    set(contextKeys.hasListening, listening.length > 0);
    set(
      contextKeys.hasRunning,
      listening.some(({ state }) => state === "running"),
    );
    set(
      contextKeys.hasPaused,
      listening.some(({ state }) => state === "paused"),
    );
    set(contextKeys.hasMeasurable, runs.some(isMeasurable));
    set(contextKeys.hasResumable, runs.some(isResumable));
    set(
      contextKeys.hasEnded,
      runs.some((run) => !isLive(run)),
    );
    set(
      contextKeys.hasCheckpoint,
      runs.some(({ checkpoints }) => checkpoints.length > 0),
    );
    const demos = runs.filter(isDemo).length;
    set(contextKeys.hasDemoRun, demos > 0);
    set(contextKeys.hasOwnRun, runs.length > demos);
  });
}
