import type { FailureAction, FailureView, RunView } from "../src/protocol/page";
import type { Context, Part } from "./context";
import { h, replaceChildren, setShown } from "./dom";
import { integer } from "./format";
import { activeRun } from "./header";
import { t } from "./strings";
import { button } from "./ui/toolkit";

/** What needs attention: why a run ended badly and what to do, what it warned of, how many steps it left out. */
export function createBanner(context: Context): Part {
  const failure = h("div", { class: "banner", role: "alert", hidden: true });
  const warnings = h("details", { class: "warnings", hidden: true });
  const element = h("div", { class: "banners" }, failure, warnings);
  let built = "";
  return {
    element,
    update() {
      const run = activeRun(context);
      const trouble = run && troubleOf(run);
      const said = run ? warningsOf(run) : [];
      const shape = JSON.stringify([run?.id, trouble, said, context.model.mayControl]);
      if (shape === built) return;
      built = shape;
      setShown(failure, trouble !== undefined);
      if (run && trouble) replaceChildren(failure, ...failureParts(run, trouble, context));
      setShown(warnings, said.length > 0);
      replaceChildren(
        warnings,
        h("summary", { text: said.length === 1 ? t("warningsOne") : t("warnings", said.length) }),
        h("ul", {}, ...said.map((text) => h("li", { text }))),
      );
    },
  };
}

interface Trouble extends FailureView {
  title: string;
}

function troubleOf({ progress, failure }: RunView): Trouble | undefined {
  const step = integer(progress.step);
  if (progress.state === "failed")
    return {
      title: t("failedAt", step),
      ...(failure ?? { message: "", advice: null, actions: ["log"] }),
    };
  // One that ended as it was asked to needs no attention.
  if (progress.state === "stopped" && failure) return { title: t("stoppedAt", step), ...failure };
  if (progress.state !== "interrupted") return undefined;
  const standard: FailureView = {
    message: t("interruptedText"),
    advice: null,
    actions: ["resume", "log"],
  };
  return { title: t("interruptedAt", step), ...(failure ?? standard) };
}

function warningsOf({ warnings, progress: { skipped } }: RunView): string[] {
  if (skipped === 0) return warnings;
  const text = skipped === 1 ? t("skippedOne") : t("skippedMany", integer(skipped));
  return [...warnings, text];
}

function failureParts(run: RunView, trouble: Trouble, context: Context): HTMLElement[] {
  const starts = (action: FailureAction): boolean => action === "resume" || action === "data";
  const actions = trouble.actions.filter((action) => !starts(action) || context.model.mayControl);
  return [
    h("h2", { text: trouble.title }),
    ...(trouble.message === "" ? [] : [h("p", { class: "banner-message", text: trouble.message })]),
    ...(trouble.advice === null ? [] : [h("p", { text: trouble.advice })]),
    h(
      "div",
      { class: "actions" },
      ...actions.map(
        (action, i) =>
          button({ label: actionName(action), look: i === 0 ? "primary" : "secondary" }, () =>
            act(action, run, context),
          ).element,
      ),
    ),
  ];
}

function actionName(action: FailureAction): string {
  switch (action) {
    case "resume":
      return t("resume");
    case "log":
      return t("openLog");
    case "config":
      return t("openConfig");
    case "doctor":
      return t("runDoctor");
    case "data":
      return t("checkData");
  }
}

function act(action: FailureAction, { id: run }: RunView, { bridge }: Context): void {
  if (action === "resume") bridge.post({ type: "control", run, action });
  else bridge.post({ type: "open", run, what: action });
}
