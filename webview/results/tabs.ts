import type { Context, Part } from "../context";
import { h, replaceChildren, setShown } from "../dom";
import { empty } from "../empty";
import { splitName, t } from "../strings";
import { progressRing, select } from "../ui/toolkit";
import { activeRun } from "../header";
import { createClassTable } from "./classTable";
import type { Details } from "./details";
import { confusionList, createGallery } from "./mistakes";
import { createSplitTable } from "./splitTable";

/** The accuracies: per split, and per class of one split. */
export function createAccuracyTab(context: Context, details: Details): Part {
  const splits = createSplitTable(context);
  const classes = createClassTable();
  const nothing = empty(t("noAccuracy"), t("noAccuracyText"));
  const chooser = splitChooser(context, details);
  const below = h("div", {}, chooser.element, classes.element);
  const element = h("div", { class: "accuracy-tab" }, nothing, splits.element, below);
  return {
    element,
    update() {
      const any = context.model.runs.some(({ evaluations }) => evaluations.length > 0);
      setShown(nothing, !any);
      setShown(splits.element, any);
      splits.update();
      setShown(below, details.split() !== null);
      details.refresh();
      chooser.update();
      const current = details.current();
      setShown(classes.element, current !== null);
      if (current) classes.update(current.classes);
    },
  };
}

/** The mistakes: what the worst classes were taken for, and the images themselves. */
export function createMistakesTab(context: Context, details: Details): Part {
  const chooser = splitChooser(context, details);
  const nothing = empty(t("noDetails"), t("noDetailsText"));
  const none = empty(t("noMistakes"), "");
  const problem = h("p", { class: "muted", hidden: true });
  const loading = h("div", { class: "loading", hidden: true }, progressRing(t("loading")));
  const confusions = h("div", {});
  const gallery = createGallery(context, details);
  const element = h(
    "div",
    {},
    nothing,
    chooser.element,
    problem,
    loading,
    none,
    confusions,
    gallery.element,
  );
  let drawn: unknown = null;
  return {
    element,
    update() {
      details.refresh();
      chooser.update();
      const current = details.current();
      const split = details.split();
      setShown(nothing, split === null);
      setShown(chooser.element, split !== null);
      setShown(problem, details.problem() !== null);
      problem.textContent = details.problem() ?? "";
      setShown(loading, split !== null && current === null && details.problem() === null);
      const any = current !== null && current.confusions.length > 0;
      setShown(none, current !== null && !any);
      setShown(confusions, any);
      setShown(gallery.element, any);
      if (!current || !any) return;
      const shape = JSON.stringify([activeRun(context)?.id, current.split, current.confusions]);
      if (shape !== drawn) {
        drawn = shape;
        replaceChildren(confusions, confusionList(current, context));
      }
      gallery.update(current);
    },
  };
}

/** Which split's classes and mistakes are shown, and of several runs which run's; empty where there is no choice. */
function splitChooser(context: Context, details: Details): Part {
  const element = h("div", { class: "split-chooser" });
  let built = "";
  return {
    element,
    update() {
      const splits = details.splits();
      const { model } = context;
      const run = model.runs.length > 1 ? activeRun(context)?.name : undefined;
      const shape = JSON.stringify([splits, details.split(), run]);
      if (shape === built) return;
      built = shape;
      const options = splits.map((split) => ({ value: split, text: splitName(split) }));
      const choice = select(t("split"), options, details.split() ?? "", (split) =>
        details.choose(split),
      );
      replaceChildren(
        element,
        splits.length > 1 ? choice.element : null,
        run === undefined ? null : h("span", { class: "muted", text: t("ofRun", run) }),
      );
    },
  };
}
