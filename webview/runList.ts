import type { RunView } from "../src/protocol/page";
import { swatch } from "./charts/legend";
import type { Context, Part } from "./context";
import { h, replaceChildren, setAttribute, setShown, setText } from "./dom";
import { percent } from "./format";
import { activeRun, stateWord, stepText } from "./header";
import { headline } from "./results/accuracies";
import { t } from "./strings";
import { dash } from "./theme";
import { icon } from "./ui/icons";
import { button } from "./ui/toolkit";

/** The runs of the panel with their colours: the chosen one is in the header, any can be taken out. */
export function createRunList(context: Context): Part {
  const list = h("ul", { class: "run-list" });
  const element = h("nav", { class: "runs", "aria-label": t("runs") }, list);
  let built = "";
  return {
    element,
    update() {
      const { runs } = context.model;
      setShown(element, runs.length > 1);
      const { palette, highContrast } = context.theme;
      const shape = JSON.stringify([
        runs.map(({ id, colour }) => [id, colour]),
        palette,
        highContrast,
      ]);
      if (shape !== built) {
        built = shape;
        replaceChildren(list, ...runs.map((run) => item(run, context)));
      }
      const active = activeRun(context);
      runs.forEach((run, i) => updateItem(list.children[i]!, run, run.id === active?.id));
    },
  };
}

function item(run: RunView, context: Context): HTMLElement {
  const { palette, highContrast } = context.theme;
  const choose = h(
    "button",
    { class: "run-choice", type: "button", title: t("showRun", run.name) },
    swatch(palette[run.colour % palette.length]!, highContrast ? dash(run.colour) : []),
    h("span", { class: "run-name" }),
    h("span", { class: "run-state" }),
    h("span", { class: "run-step" }),
    h("span", { class: "run-best" }),
  );
  choose.addEventListener("click", () => {
    context.state.active = run.id;
    context.save();
    context.redraw();
  });
  const remove = button(
    { label: t("removeRun", run.name), look: "icon", icon: icon("remove"), class: "run-remove" },
    () => {
      const runs = context.model.runs.map(({ id }) => id).filter((id) => id !== run.id);
      context.bridge.post({ type: "selectRuns", runs });
    },
  );
  return h("li", {}, choose, remove.element);
}

function updateItem(row: Element, run: RunView, active: boolean): void {
  const part = (name: string): Element => row.querySelector(`.${name}`)!;
  setText(part("run-name"), run.name);
  setText(part("run-state"), t(stateWord(run.progress)));
  setText(part("run-step"), stepText(run));
  const best = headline(run)?.best;
  setText(part("run-best"), best ? t("bestOf", percent(best.accuracy)) : "");
  setAttribute(part("run-choice"), "aria-current", active ? "true" : null);
}
