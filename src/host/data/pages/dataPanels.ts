import * as vscode from "vscode";
import type { DataHostMessage, DataSource } from "../../../protocol/dataPage";
import { dataPanelType } from "../../ids";
import { panelsWhenNeeded } from "../../panelsWhenNeeded";
import type { Program } from "../../program";
import type { Prompts } from "../../prompts";
import type { DataStore } from "../dataStore";

/** A message to a page without the texts, which the panel adds. */
export type DataPost = Untranslated<DataHostMessage>;
type Untranslated<T> = T extends unknown ? Omit<T, "strings"> : never;

/** The panels of data sets: one for contact sheets, one for splits, one for checks, one for classified images. */
export interface DataPanels extends vscode.Disposable {
  /** Shows something in the panel of its kind; `start` says whether a check, or classifying, begins at once. */
  show(source: DataSource, start?: boolean): Promise<void>;
  /** What is shown now. */
  readonly shown: readonly DataSource[];
  /** Hears every message that is sent to a page; for tests. */
  readonly onPost: vscode.Event<DataPost>;
}

/** The panels of data sets, of which nothing is loaded before the first is shown. */
export function createDataPanels(
  context: vscode.ExtensionContext,
  program: Program,
  store: DataStore,
  output: vscode.LogOutputChannel,
  ask: Prompts["save"],
): DataPanels {
  const posted = new vscode.EventEmitter<DataPost>();
  const panels = panelsWhenNeeded(dataPanelType, async () => {
    const { openDataPanels } = await import("./openDataPanels");
    return openDataPanels(context, program, store, output, posted, ask);
  });
  return {
    show: async (source, start) => (await panels.load()).show(source, start),
    get shown() {
      return panels.loaded?.shown ?? [];
    },
    onPost: posted.event,
    dispose() {
      panels.dispose();
      posted.dispose();
    },
  };
}
