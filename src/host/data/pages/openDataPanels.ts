import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { DataPageMessage, DataSource } from "../../../protocol/dataPage";
import { parseDataPageMessage, parseDataSource } from "../../../protocol/dataPageIntents";
import { dataPageStrings } from "../../../protocol/dataPageStrings";
import { messageOf } from "../../../util/errors";
import { dataPanelType } from "../../ids";
import { pageHtml } from "../../pageHtml";
import type { RestoredPanels } from "../../panelsWhenNeeded";
import type { Program } from "../../program";
import type { Prompts } from "../../prompts";
import { saveFile } from "../../saveFile";
import { translations } from "../../translations";
import { plainName } from "../../runs/runNames";
import type { DataStore } from "../dataStore";
import { openAnswerStore } from "./answerStore";
import { openCheckPage } from "./checkPage";
import { openClassifiedPage } from "./classifiedPage";
import type { DataPanels, DataPost } from "./dataPanels";
import { readPreviews } from "./previews";
import { openClassPage } from "./sheetPage";
import { openSplitPage } from "./splitPage";

/** What a page works with. */
export interface PageHost {
  program: Program;
  /** A folder to start the program in. */
  cwd: string;
  /** Where thumbnails are kept; the only folder beside our own that a panel may load from. */
  cache: string;
  post: (message: DataPost) => void;
  /** The address by which the page may load a file of the cache. */
  uriOf(file: string): string;
  /** Asks for a file of a kind ("CSV"), with a name proposed, and saves there. */
  save(name: string, kind: string, content: Uint8Array): Promise<void>;
  open(source: DataSource): Promise<void>;
}

/** What a panel shows: a contact sheet, the counts of a split, a check, or classified images. */
export interface DataPage {
  title: string;
  /** Sends everything to the page; also when it comes back after it was hidden. */
  show(): Promise<void>;
  hear(message: DataPageMessage): Promise<void> | void;
  /** The page is hidden: what only serves the eye stops. */
  rest(): void;
  /** The panel is closed. */
  close?(): void;
}

/** A page in its panel, which may come to show another. */
interface ShownPage {
  source: DataSource;
  page: DataPage;
  /** Says something to the panel, until the page has left it. */
  post: PageHost["post"];
  /** Takes the page out of its panel: what it was about to say comes too late. */
  leave: () => void;
}

interface OpenPanel extends ShownPage {
  panel: vscode.WebviewPanel;
}

/** Opens panels, restores them after a reload, and lets them go. */
export function openDataPanels(
  { extensionUri, extensionPath, globalStorageUri }: vscode.ExtensionContext,
  program: Program,
  store: DataStore,
  output: vscode.LogOutputChannel,
  posted: vscode.EventEmitter<DataPost>,
  ask: Prompts["save"],
): Omit<DataPanels, "onPost"> & RestoredPanels {
  const open = new Map<string, OpenPanel>();
  let made: Promise<unknown> | null = null;
  /** Makes the folder once: who waits for it goes on in the order in which it was asked. */
  const hasCache = (): Promise<unknown> => (made ??= mkdir(cache.fsPath, { recursive: true }));
  const resources = vscode.Uri.joinPath(extensionUri, "dist");
  const cache = vscode.Uri.joinPath(globalStorageUri, "thumbnails");
  const previews = readPreviews(program, extensionPath);
  const answers = openAnswerStore(vscode.Uri.joinPath(globalStorageUri, "classified").fsPath);

  const hostOf = (panel: vscode.WebviewPanel): PageHost => ({
    program,
    cwd: extensionPath,
    cache: cache.fsPath,
    post(message) {
      posted.fire(message);
      void panel.webview.postMessage({ ...message, strings: translations(dataPageStrings) });
    },
    uriOf: (file) => String(panel.webview.asWebviewUri(vscode.Uri.file(file))),
    save: (name, kind, content) => saveFile(ask, name, kind, content),
    open: (source) => show(source),
  });

  const openPage = (panel: vscode.WebviewPanel, source: DataSource, start: boolean): ShownPage => {
    let left = false;
    const whole = hostOf(panel);
    const post: PageHost["post"] = (message) => {
      if (!left) whole.post(message);
    };
    const page = pageOf({ ...whole, post }, source, start);
    const leave = (): void => {
      left = true;
      page.rest();
      page.close?.();
    };
    return { source, page, post, leave };
  };

  const pageOf = (host: PageHost, source: DataSource, start: boolean): DataPage => {
    switch (source.page) {
      case "class":
      case "sampled":
        return openClassPage(host, source, previews);
      case "split":
        return openSplitPage(host, source, previews);
      case "check":
        return openCheckPage(host, source, store, start);
      case "classified":
        return openClassifiedPage(
          host,
          source,
          plainName({ name: basename(source.run) }),
          answers,
          start,
        );
    }
  };

  /** Shows what a page has, or why it has nothing. */
  const present = async ({ panel, page, source, post }: OpenPanel): Promise<void> => {
    const { title } = page;
    panel.title = title;
    if (!vscode.workspace.isTrusted)
      return post({ type: "failed", source, title, message: untrusted(), mayRun: false });
    try {
      post({ type: "waiting", source, title });
      await page.show();
    } catch (error) {
      output.error(messageOf(error));
      post({ type: "failed", source, title, message: messageOf(error), mayRun: true });
    }
  };

  const attach = (panel: vscode.WebviewPanel, source: DataSource, start: boolean): void => {
    const kind = kindOf(source);
    const opened: OpenPanel = { panel, ...openPage(panel, source, start) };
    open.set(kind, opened);
    panel.title = opened.page.title;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icons", "panel.svg");
    panel.webview.onDidReceiveMessage(async (value: unknown) => {
      const message = parseDataPageMessage(value);
      if (!message) return output.warn("A data page sent a message that is none.");
      try {
        if (message.type === "ready") await present(opened);
        else await opened.page.hear(message);
      } catch (error) {
        void vscode.window.showErrorMessage(messageOf(error));
      }
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) opened.page.rest();
    });
    panel.onDidDispose(() => {
      opened.leave();
      if (open.get(kind) === opened) open.delete(kind);
    });
    panel.webview.html = pageHtml({
      scriptUri: String(panel.webview.asWebviewUri(vscode.Uri.joinPath(resources, "dataPages.js"))),
      styleUri: String(panel.webview.asWebviewUri(vscode.Uri.joinPath(resources, "dataPages.css"))),
      nonce: randomBytes(16).toString("base64url"),
      cspSource: panel.webview.cspSource,
      language: vscode.env.language,
      title: "GLAD",
    });
  };

  const show = async (source: DataSource, start = false): Promise<void> => {
    await hasCache();
    const opened = open.get(kindOf(source));
    if (!opened) {
      const column = vscode.ViewColumn.Active;
      const created = vscode.window.createWebviewPanel(dataPanelType, "GLAD", column, {
        enableScripts: true,
        localResourceRoots: [resources, cache],
      });
      attach(created, source, start);
      return;
    }
    opened.panel.reveal();
    const same = JSON.stringify(opened.source) === JSON.stringify(source);
    if (same && !start) return;
    opened.leave();
    Object.assign(opened, openPage(opened.panel, source, start));
    await present(opened);
  };

  return {
    show,
    async restore(panel, state) {
      const source = parseDataSource(state);
      if (source === null || open.has(kindOf(source))) {
        panel.dispose();
        return;
      }
      await hasCache();
      panel.webview.options = { enableScripts: true, localResourceRoots: [resources, cache] };
      attach(panel, source, false);
    },
    get shown() {
      return [...open.values()].map(({ source }) => source);
    },
    dispose() {
      for (const { leave } of open.values()) leave();
    },
  };
}

/** Contact sheets share a panel, as do splits, checks and classified images. */
function kindOf({ page }: DataSource): string {
  return page === "sampled" ? "class" : page;
}

function untrusted(): string {
  return vscode.l10n.t(
    "This workspace is not trusted: folders are listed, and nothing is started to look into them.",
  );
}
