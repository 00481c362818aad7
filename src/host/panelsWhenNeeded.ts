import * as vscode from "vscode";

/** Panels of a kind that can be taken up again after the window was reloaded. */
export interface RestoredPanels extends vscode.Disposable {
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
}

/** Panels whose code is loaded when the first of them is shown or restored: an activation shall not wait for it. */
export interface PanelsWhenNeeded<P> extends vscode.Disposable {
  load(): Promise<P>;
  /** Null while nothing was shown. */
  readonly loaded: P | null;
}

/** Panels of the kind `viewType`, which `open` loads. */
export function panelsWhenNeeded<P extends RestoredPanels>(
  viewType: string,
  open: () => Promise<P>,
): PanelsWhenNeeded<P> {
  let loaded: P | null = null;
  let loading: Promise<P> | null = null;
  const load = (): Promise<P> => (loading ??= open().then((panels) => (loaded = panels)));
  const serializer = vscode.window.registerWebviewPanelSerializer(viewType, {
    async deserializeWebviewPanel(panel, state) {
      await (await load()).restore(panel, state);
    },
  });
  return {
    load,
    get loaded() {
      return loaded;
    },
    dispose() {
      serializer.dispose();
      loaded?.dispose();
    },
  };
}
