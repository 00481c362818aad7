import type { DataHostMessage } from "../../src/protocol/dataPage";
import type { CheckProgress } from "../../src/protocol/dataReport";
import { h, replaceChildren, setShown, setText } from "../dom";
import { button } from "../ui/toolkit";
import { absentBlock, type ReportBlock, reportBlock, summaryOf } from "./report";
import { integer, t } from "./strings";
import type { Post, View } from "./view";

type CheckMessage = Extract<DataHostMessage, { type: "check" }>;

/** The check of data sets: its progress, and the report of each data set as soon as it is there. */
export function createCheck(first: CheckMessage, post: Post): View {
  const status = h("p", { class: "status muted", role: "status" });
  const problem = h("p", { class: "warning", role: "alert", hidden: true });
  const progress = createProgress();
  const cancel = button({ label: t("cancel") }, () => post({ type: "cancel" }));
  const again = button({ label: t("checkAgain"), look: "primary" }, () => post({ type: "check" }));
  const tryAddresses = button({ label: t("tryAddresses") }, () => post({ type: "tryAddresses" }));
  const summary = h("p", { class: "figures", hidden: true });
  const blocks = h("div", {});
  const absent = h("div", {});
  const made: ReportBlock[] = [];
  let shownAbsent = "";
  const heading =
    first.root === null ? t("checkLinked") : t("checkOf", first.root.split(/[\\/]/).at(-1) || "/");
  const element = h(
    "main",
    { class: "check" },
    h(
      "header",
      { class: "page-head" },
      h("h1", { text: heading }),
      first.root === null ? null : h("p", { class: "muted path", text: first.root }),
      h(
        "div",
        { class: "page-actions" },
        cancel.element,
        again.element,
        tryAddresses.element,
        status,
      ),
      progress.element,
      problem,
      summary,
    ),
    blocks,
    absent,
  );

  function update(message: CheckMessage): void {
    const { state, reports, mayRun } = message;
    const running = state === "running";
    const missing = [...reports, ...message.absent].some(({ downloads }) => downloads.length > 0);
    setShown(cancel.element, running);
    setShown(again.element, !running && mayRun);
    setShown(tryAddresses.element, !running && mayRun && missing);
    again.setLabel(state === "none" ? t("checkNow") : t("checkAgain"));
    setShown(progress.element, running);
    if (running && reports.length === 0) progress.start();
    setText(status, statusText(message));
    const trouble = problemOf(message);
    setShown(problem, trouble !== null);
    setText(problem, trouble ?? "");
    setShown(summary, reports.length > 1);
    setText(summary, reports.length > 1 ? summaryOf(reports) : "");
    // A report that is there stays, with what of it the user has opened; a new check begins without one.
    if (reports.length < made.length) {
      made.length = 0;
      replaceChildren(blocks);
    }
    for (const report of reports.slice(made.length)) {
      const block = reportBlock(report, made.length, post);
      made.push(block);
      blocks.append(block.element);
    }
    made.forEach((block, i) => block.showDownloads(reports[i]!.downloads));
    const now = JSON.stringify(message.absent);
    if (now === shownAbsent) return;
    shownAbsent = now;
    const opened = openedIn(absent);
    replaceChildren(absent, message.absent.length > 0 ? absentBlock(message.absent, opened) : null);
  }

  update(first);
  return {
    element,
    receive(message) {
      if (message.type === "progress") {
        progress.set(message.progress);
        return true;
      }
      const same =
        message.type === "check" && JSON.stringify(message.source) === JSON.stringify(first.source);
      if (same) update(message);
      return same;
    },
  };
}

/** The data sets whose addresses are shown. */
function openedIn(absent: HTMLElement): Set<string> {
  const opened = absent.querySelectorAll<HTMLElement>("details[open]");
  return new Set([...opened].map(({ dataset }) => dataset.set!));
}

function problemOf({ message, addresses }: CheckMessage): string | null {
  const problems = [
    ...(message === null ? [] : [`${t("stopped")}: ${message}`]),
    ...(addresses.problem === null ? [] : [`${t("triedNot")}: ${addresses.problem}`]),
  ];
  return problems.length === 0 ? null : problems.join(" ");
}

function statusText(message: CheckMessage): string {
  const { state, reports, absent, time, addresses, mayRun } = message;
  if (addresses.trying) return t("trying");
  switch (state) {
    case "none":
      return mayRun ? t("notChecked") : t("readOnly");
    case "running":
      return t("running");
    case "cancelled":
      return t(reports.length + absent.length > 0 ? "cancelledWithin" : "cancelled");
    case "failed":
      return "";
    case "done":
      return time === null ? "" : t("checkedAt", time);
  }
}

/** A bar with what is being looked at. */
function createProgress() {
  const bar = h("progress", { class: "progress", "aria-label": t("running") });
  const text = h("p", { class: "muted figures" });
  return {
    element: h("div", { class: "check-progress" }, bar, text),
    start() {
      bar.removeAttribute("value");
      setText(text, t("starting"));
    },
    set({ title, done, total }: CheckProgress) {
      bar.max = total;
      bar.value = done;
      setText(text, t("progress", title, integer(done), integer(total)));
    },
  };
}
