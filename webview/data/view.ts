import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import { h, setText } from "../dom";
import { imageCount, integer, t } from "./strings";
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
  const progress = h("p", { class: "muted figures" });
  const ring = h("div", { class: "loading" }, progressRing(t("loading")));
  return {
    element: h("main", {}, h("h1", { text: title }), progress, ring),
    receive(message) {
      if (message.type !== "waiting" || !message.progress || message.title !== title) return false;
      const { doing, done, total } = message.progress;
      setText(progress, t(doing, integer(done), imageCount(total)));
      return true;
    },
  };
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
