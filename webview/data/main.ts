import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import { replaceChildren } from "../dom";
import { type Button, button, registerControls } from "../ui/toolkit";
import { createCheck } from "./check";
import { createSheet } from "./sheet";
import { createSplit } from "./split";
import { t, useStrings } from "./strings";
import { failedView, type View, waitingView } from "./view";

/** What VS Code gives a webview to speak with its extension. */
interface VsCodeApi {
  postMessage(message: DataPageMessage): void;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const page = document.getElementById("page")!;
registerControls();
const api = acquireVsCodeApi();
const post = (message: DataPageMessage): void => api.postMessage(message);
let view: View | null = null;

window.addEventListener("message", ({ data }: MessageEvent<DataHostMessage | undefined>) => {
  if (typeof data !== "object" || typeof data.type !== "string") return;
  useStrings(data.strings);
  // What the page shows is all that it keeps: after a reload the host looks anew.
  if ("source" in data) api.setState({ source: data.source });
  if (view?.receive(data)) return;
  const made = viewOf(data);
  if (!made) return;
  view = made;
  replaceChildren(page, made.element);
});
post({ type: "ready" });

function viewOf(message: DataHostMessage): View | null {
  switch (message.type) {
    case "waiting":
      return waitingView(message.title, post);
    case "failed":
      return failedView(message.title, message.message, againOf(message));
    case "sheet":
      return createSheet(message, post);
    case "split":
      return createSplit(message, post);
    case "check":
      return createCheck(message, post);
    case "progress":
    case "classifying":
    case "thumbnails":
      // Words for a view that is no longer there.
      return null;
  }
}

/** What was given up, or failed, can be asked for again where that is no look alone. */
function againOf({ source, mayRun }: Extract<DataHostMessage, { type: "failed" }>): Button | null {
  if (source.page !== "classified" || !mayRun) return null;
  return button({ label: t("classifyAgain") }, () => post({ type: "check" }));
}
