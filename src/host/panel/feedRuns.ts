import { join, sep } from "node:path";
import * as vscode from "vscode";
import { type FeedRun } from "../../protocol/feed";
import { flattenConfig } from "../../protocol/flatConfig";
import { type FrozenConfig, readFrozen } from "../../protocol/frozen";
import type { FailureView, FlatConfig } from "../../protocol/page";
import type { HostRun } from "../runs/hostRun";
import { stoppingText } from "../runs/runsTree";
import { detailedSplits, findImageRoot } from "./details";

/** What a panel needs of a run beyond its record; read once, but for the splits with predictions. */
export interface PanelRun {
  config: FlatConfig;
  imageRoot: string | null;
  detailed: string[];
  /** The record's revision for which `detailed` holds. */
  revision: number;
}

/** Reads what a panel needs of a run. */
export async function openPanelRun(run: HostRun): Promise<PanelRun> {
  const config = configOf(run);
  // What the configuration was resolved to is no setting.
  const { run: _resolved, ...settings } = config ?? { run: null };
  return {
    config: flattenConfig(settings),
    imageRoot: config && (await findImageRoot(run.paths, config)),
    detailed: await splitsOf(run),
    revision: run.record.revision,
  };
}

/** The splits of a run that were evaluated and whose predictions are there. */
export function splitsOf({ paths, record }: HostRun): Promise<string[]> {
  return detailedSplits(
    paths,
    record.evaluations.map(({ split }) => split),
  );
}

/** A run as the page's feed takes it, by the name that it has among those that are shown with it. */
export function feedRun(run: HostRun, name: string, { config, detailed }: PanelRun): FeedRun {
  return {
    id: run.id,
    name,
    record: run.record,
    state: run.state,
    silent: run.silent,
    stopping: stoppingText(run),
    ending: run.stopping !== null,
    saved: run.checkpoints.map(({ step }) => step),
    failure: failureOf(run),
    config,
    detailed,
  };
}

/** Why a run ended badly, in the trainer's own words, and what can be done. */
export function failureOf(run: HostRun): FailureView | null {
  const { state, status, record, checkpoints } = run;
  const { t } = vscode.l10n;
  if (state === "failed")
    return {
      message: status?.reason ?? record.failure ?? t("The trainer ended without a word."),
      advice: null,
      // The trainer names the first image that it could not read, the check of the data set all of them; the machine is well.
      actions:
        imagesAtFault(run) === null
          ? ["resume", "config", "log", "doctor"]
          : ["data", "resume", "config", "log"],
    };
  // The reason says what is kept and where it goes on.
  if (state === "stopped" && status?.forced)
    return { message: sentence(status.reason ?? ""), advice: null, actions: ["resume", "log"] };
  if (state !== "interrupted") return null;
  return {
    message:
      status?.reason ?? t("The trainer is gone: it was ended, or the machine was restarted."),
    advice:
      checkpoints.length > 0
        ? t("Resume goes on from the last checkpoint.")
        : t("There is no checkpoint yet: Resume begins anew."),
    actions: ["resume", "log"],
  };
}

/** The folder of the images among which is the one that a run failed by; null where it failed by something else. */
export function imagesAtFault({
  paths,
  status,
  record,
}: Pick<HostRun, "paths" | "status" | "record">): string | null {
  const said = status?.reason ?? record.failure ?? "";
  // What mends it is said of unreadable images alone.
  if (!said.includes("data.skipUnreadable")) return null;
  const config = configOf({ paths });
  if (config === null) return null;
  const roots = [config.data, ...config.evaluation.targets].map(({ root }) => root);
  return roots.find((root) => root !== null && said.startsWith(join(root, sep))) ?? null;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** The frozen configuration of a run; null where it cannot be read. */
function configOf({ paths }: Pick<HostRun, "paths">): FrozenConfig | null {
  try {
    return readFrozen(paths);
  } catch {
    return null;
  }
}
