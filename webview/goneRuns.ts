import type { Context, Part } from "./context";
import { h, setShown, setText } from "./dom";
import { t } from "./strings";
import { icon } from "./ui/icons";
import { button } from "./ui/toolkit";

/** Says of several runs which are not there any more. Where none is left, the page says so in place of all else. */
export function createGoneRuns(context: Context): Part {
  const text = h("p", { role: "status" });
  const forget = button({ label: t("forgetGone"), look: "icon", icon: icon("remove") }, () => {
    const runs = context.model.runs.map(({ id }) => id);
    context.bridge.post({ type: "selectRuns", runs });
  });
  const element = h("div", { class: "gone-runs", hidden: true }, text, forget.element);
  return {
    element,
    update() {
      const { runs, gone } = context.model;
      const isSome = runs.length > 0 && gone.length > 0;
      setShown(element, isSome);
      setText(text, isSome ? t("goneAmong", gone.join(", ")) : "");
    },
  };
}
