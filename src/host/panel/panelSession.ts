import { basename, join, relative } from "node:path";
import * as vscode from "vscode";
import { createPageFeed, type FeedRun, pickRows } from "../../protocol/feed";
import type { HostMessage, PageMessage, PageState } from "../../protocol/page";
import { parsePageMessage } from "../../protocol/pageIntents";
import { pageStrings } from "../../protocol/pageStrings";
import { configDefaults } from "../../protocol/configDefaults";
import { messageOf, UserError } from "../../util/errors";
import { shownNames } from "../runs/runNames";
import type { RunStore } from "../runs/runStore";
import { throttled } from "../throttle";
import { translations } from "../translations";
import { readDetails } from "./details";
import { exportCsv, exportPng } from "./export";
import { createTurns } from "../turns";
import { feedRun, imagesAtFault, openPanelRun, type PanelRun, splitsOf } from "./feedRuns";

/** One results panel and what it shows. */
export interface PanelSession extends vscode.Disposable {
  readonly runs: readonly string[];
  /** To be awaited before the page is loaded: lets the page show pictures of the runs. */
  prepare(): Promise<void>;
  /** Shows exactly these runs; `renamed`: they are the ones that are shown, by other names. */
  select(runs: readonly string[], renamed?: boolean): Promise<void>;
}

interface SessionOptions {
  panel: vscode.WebviewPanel;
  store: RunStore;
  output: vscode.LogOutputChannel;
  /** The folder of the page's own files. */
  resources: vscode.Uri;
  runs: readonly string[];
  kept: PageState | null;
  titled: (runs: readonly string[]) => string;
}

/** Milliseconds between two messages about what is new. The store paces what it hears; this puts together what comes from many runs. */
const updateInterval = 60;
type Request = Extract<PageMessage, { request: number }>;

/**
 * Speaks with the page of a panel. The page posts `ready` whenever it was loaded, also after it was hidden; everything
 * begins anew then, so nothing here depends on what an earlier page was told.
 */
export function openPanelSession(options: SessionOptions): PanelSession {
  const { panel, store, output, resources, titled } = options;
  const feed = createPageFeed();
  const turns = createTurns();
  const extras = new Map<string, PanelRun>();
  const dirty = new Set<string>();
  /** Of the runs that are shown, those that are not there any more. */
  const lost = new Set<string>();
  /** Whether the runs are others than those that the page was told of. */
  let other = false;
  let { runs, kept } = options;
  let followed: { dispose(): void }[] = [];
  let width = 0;

  let disposed = false;

  const post = (message: HostMessage): void => {
    // The panel may be closed while something is read or made for it.
    if (!disposed) void panel.webview.postMessage(message);
  };
  const note = (error: unknown): void => output.error(`results page: ${messageOf(error)}`);
  const names = (): Map<string, string> =>
    shownNames(runs.map((id) => ({ id, name: basename(id) })));
  const shown = (): FeedRun[] => {
    const named = names();
    return runs.flatMap((id) => {
      const [run, extra] = [store.get(id), extras.get(id)];
      return run && extra ? [feedRun(run, named.get(id)!, extra)] : [];
    });
  };

  const snapshot = async (): Promise<void> => {
    if (width === 0) return;
    const options = {
      state: kept,
      width,
      defaults: configDefaults(),
      strings: translations(pageStrings),
      mayControl: vscode.workspace.isTrusted,
      gone: runs.filter((id) => lost.has(id)).map((id) => names().get(id)!),
      other,
    };
    other = false;
    post(await turns.take(() => feed.snapshot(shown(), options)));
    // What came while it was made.
    runs.forEach(noteChange);
  };

  /** Sends what is there at once, and all of it when the records are read. */
  const start = async (): Promise<void> => {
    if (disposed) return;
    followed.forEach((each) => each.dispose());
    const follows = runs.map((id) => store.follow(id));
    followed = follows;
    // A window that starts finds its runs one after the other.
    for (const id of runs) if (!store.get(id)) miss(id, 5000);
    const partial = runs.some((id) => store.get(id)?.loaded === false);
    await snapshot();
    if (!partial) return;
    await Promise.all(follows.map(({ ready }) => ready));
    await Promise.all(runs.map(refreshSplits));
    if (followed === follows) await snapshot();
  };

  const refreshSplits = async (id: string): Promise<void> => {
    const [run, extra] = [store.get(id), extras.get(id)];
    if (!run || !extra || extra.revision === run.record.revision) return;
    extra.revision = run.record.revision;
    extra.detailed = await splitsOf(run);
  };

  const prepare = async (): Promise<void> => {
    if (disposed) return;
    panel.title = titled(runs);
    for (const id of runs) {
      const run = store.get(id);
      if (run && !extras.has(id)) extras.set(id, await openPanelRun(run));
    }
    if (disposed) return;
    const roots = [...extras.values()].flatMap(({ imageRoot }) => imageRoot ?? []);
    const allowed = roots.filter(isAllowed).map((root) => vscode.Uri.file(root));
    const before = panel.webview.options.localResourceRoots ?? [];
    const wanted = [resources, ...allowed];
    // Setting the options loads the page anew.
    if (String(before) !== String(wanted))
      panel.webview.options = { enableScripts: true, localResourceRoots: wanted };
  };

  const flush = async (): Promise<void> => {
    const changed = [...dirty];
    dirty.clear();
    if (disposed || !panel.visible) return;
    await Promise.all(changed.map(refreshSplits));
    for (const run of shown().filter(({ id }) => changed.includes(id)))
      (await turns.take(() => feed.update(run))).forEach(post);
  };

  const updates = throttled(updateInterval, () => void flush().catch(note));
  const noteChange = (id: string): void => {
    dirty.add(id);
    updates.ask();
  };
  /** Says that a run is gone, if it still is after a moment: one that is renamed is missed until the panel knows its new name. */
  const miss = (id: string, patience: number): void => {
    setTimeout(() => {
      if (disposed || !runs.includes(id) || lost.has(id) || store.get(id) !== undefined) return;
      lost.add(id);
      void select(runs).catch(note);
    }, patience);
  };
  const heard = store.onChange((run) => {
    const { id } = run;
    if (!runs.includes(id)) return;
    if (store.get(id) === undefined) return miss(id, 300);
    // A run that a restored panel waits for was found, or one came back.
    const isNew = lost.delete(id) || !extras.has(id);
    if (isNew) void select(runs).catch(note);
    else noteChange(id);
  });

  const select = async (wanted: readonly string[], renamed = false): Promise<void> => {
    const before = runs;
    runs = [...new Set(wanted)];
    for (const id of lost) if (!runs.includes(id)) lost.delete(id);
    other ||= !renamed && before.length > 0 && !runs.some((id) => before.includes(id));
    if (kept) kept = { ...kept, runs: [...runs] };
    await prepare();
    await start();
  };

  const uriOf =
    (id: string) =>
    (path: string): string | null => {
      const root = extras.get(id)?.imageRoot ?? null;
      if (root === null || !isAllowed(root)) return null;
      return String(panel.webview.asWebviewUri(vscode.Uri.file(join(root, path))));
    };

  const answer = async (message: Request): Promise<HostMessage> => {
    const { request } = message;
    switch (message.type) {
      case "window": {
        const run = shown().find(({ id }) => id === message.run);
        if (!run) return { type: "refused", request, message: gone() };
        ({ width } = message.view);
        return turns.take(() => feed.window(run, message.view, request));
      }
      case "rows": {
        const rows = message.runs.flatMap((id) => {
          const run = store.get(id);
          return run ? [pickRows(id, run.record.series, message)] : [];
        });
        return { type: "rows", request, rows };
      }
      case "details": {
        const run = store.get(message.run);
        if (!run) return { type: "refused", request, message: gone() };
        const details = await readDetails(run.paths, message, uriOf(message.run));
        return { type: "details", request, details };
      }
    }
  };

  const act = async (message: Exclude<PageMessage, Request>): Promise<void> => {
    switch (message.type) {
      case "ready":
        kept = message.state ?? kept;
        ({ width } = message);
        return start();
      case "control":
        return void (await vscode.commands.executeCommand(`glad.${message.action}`, message.run));
      case "open":
        return open(message.what, message.run, store);
      case "openImage": {
        const root = extras.get(message.run)?.imageRoot;
        if (root && isInside(join(root, message.path), root))
          await vscode.commands.executeCommand(
            "vscode.open",
            vscode.Uri.file(join(root, message.path)),
          );
        return;
      }
      case "exportCsv":
        return exportCsv(
          message.runs.flatMap((id) => store.get(id) ?? []),
          message.what,
        );
      case "exportPng":
        return exportPng(message.name, message.png);
      case "selectRuns":
        return select(message.runs);
      case "pickRuns":
        return void (await vscode.commands.executeCommand("glad.compareRuns"));
    }
  };

  const listener = panel.webview.onDidReceiveMessage(async (value: unknown) => {
    const message = parsePageMessage(value);
    if (!message) {
      output.warn("The results page sent a message that is none.");
      return;
    }
    if (!("request" in message)) return act(message).catch((error) => tell(error));
    try {
      post(await answer(message));
    } catch (error) {
      post({ type: "refused", request: message.request, message: messageOf(error) });
    }
  });

  return {
    get runs() {
      return runs;
    },
    prepare,
    select,
    dispose() {
      disposed = true;
      updates.dispose();
      followed.forEach((each) => each.dispose());
      heard.dispose();
      listener.dispose();
    },
  };
}

async function open(
  what: Extract<PageMessage, { type: "open" }>["what"],
  id: string,
  store: RunStore,
): Promise<void> {
  const run = store.get(id);
  if (!run) throw new UserError(gone());
  switch (what) {
    case "log":
      return void (await vscode.commands.executeCommand("glad.openLog", id));
    case "folder":
      return void (await vscode.commands.executeCommand("glad.revealRun", id));
    case "doctor":
      return void (await vscode.commands.executeCommand("glad.doctor"));
    case "data": {
      const root = imagesAtFault(run);
      if (root === null) return;
      return void (await vscode.commands.executeCommand("glad.checkData", vscode.Uri.file(root)));
    }
    case "config":
      return void (await vscode.window.showTextDocument(vscode.Uri.file(run.paths.config)));
  }
}

/** An untrusted workspace could name any folder of the machine as that of its images. */
function isAllowed(root: string): boolean {
  if (vscode.workspace.isTrusted) return true;
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.some(({ uri }) => isInside(root, uri.fsPath));
}

function isInside(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below === "" || (!below.startsWith("..") && below !== path);
}

function gone(): string {
  return vscode.l10n.t("The run is no longer there.");
}

function tell(error: unknown): void {
  void vscode.window.showErrorMessage(messageOf(error));
}
