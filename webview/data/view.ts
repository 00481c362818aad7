import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import { h, setShown, setText } from "../dom";
import { imageCount, integer, t } from "./strings";
import { type Button, button, progressRing } from "../ui/toolkit";

/** What a view tells the host. */
export type Post = (message: DataPageMessage) => void;

/** One of the things that the page shows. */
export interface View {
  element: HTMLElement;
  /** Takes a further message; false where it needs a view of its own. */
  receive(message: DataHostMessage): boolean;
}

/** Something is being prepared; what takes long tells how far it has come, and can be given up. */
export function waitingView(title: string, post: Post): View {
  const ring = h("div", { class: "loading" }, progressRing(t("loading")));
  const bar = h("progress", { class: "progress", "aria-label": title, max: 1 });
  const text = h("p", { class: "muted figures" });
  const cancel = button({ label: t("cancel") }, () => post({ type: "cancel" }));
  const long = h(
    "div",
    { class: "check-progress", hidden: true },
    h("div", { class: "page-actions" }, cancel.element),
    bar,
    text,
  );
  return {
    element: h("main", {}, pageHead(title), long, ring),
    receive(message) {
      if (message.type !== "classifying") return false;
      const { doing, done, total } = message.progress;
      setShown(ring, false);
      setShown(long, true);
      bar.value = done / total;
      setText(text, t(doing, integer(done), imageCount(total)));
      return true;
    },
  };
}

/** Nothing can be shown, and why; `again` is a further attempt, where there is one. */
export function failedView(title: string, message: string, again: Button | null): View {
  const element = h(
    "main",
    {},
    pageHead(title),
    h(
      "div",
      { class: "empty", role: "alert" },
      h("h2", { text: t("failed") }),
      h("p", { class: "message", text: message }),
      again?.element ?? null,
    ),
  );
  return { element, receive: () => false };
}

function pageHead(title: string): HTMLElement {
  return h("header", { class: "page-head" }, h("h1", { text: title }));
}
