import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import { h } from "../dom";
import { t } from "./strings";
import { progressRing } from "../ui/toolkit";

/** What a view tells the host. */
export type Post = (message: DataPageMessage) => void;

/** One of the things that the page shows. */
export interface View {
  element: HTMLElement;
  /** Takes a further message; false where it needs a view of its own. */
  receive(message: DataHostMessage): boolean;
}

/** Something is being prepared. */
export function waitingView(title: string): View {
  const ring = h("div", { class: "loading" }, progressRing(t("loading")));
  return { element: h("main", {}, h("h1", { text: title }), ring), receive: () => false };
}

/** Nothing can be shown, and why. */
export function failedView(title: string, message: string): View {
  const element = h(
    "main",
    {},
    h("h1", { text: title }),
    h(
      "div",
      { class: "empty", role: "alert" },
      h("h2", { text: t("failed") }),
      h("p", { class: "message", text: message }),
    ),
  );
  return { element, receive: () => false };
}
