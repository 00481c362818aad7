import { percentDone } from "../../src/protocol/pace";
import type {
  ExperimentView,
  PageExperimentState,
  TablePageMessage,
} from "../../src/protocol/tablePage";
import { h, replaceChildren, setAttribute, setShown, setText } from "../dom";
import { integer } from "../format";
import { t } from "../strings";
import { fact } from "../ui/fact";
import { button, type Button } from "../ui/toolkit";
import type { TableContext, TablePart } from "./page";

type Action = Extract<TablePageMessage, { type: "control" }>["action"];

/** The experiment's name, state and counts, and what can be done with it. */
export function createExperimentHeader(context: TableContext): TablePart {
  const name = h("h1", {});
  const state = h("span", {});
  const actions = h("div", { class: "actions", role: "group" });
  const bar = h("div", { class: "progress-bar" });
  const progress = h(
    "div",
    { class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 },
    bar,
  );
  const facts = createFacts();
  const problem = h("div", { class: "banner", role: "alert", hidden: true });
  const failures = h("ul", {});
  const failed = h(
    "div",
    { class: "banner", role: "alert", hidden: true },
    h("h2", { text: t("whyFailed") }),
    failures,
  );
  const readOnly = h("p", { class: "note", text: t("experimentReadOnly"), hidden: true });
  const titled = h(
    "span",
    { class: "state" },
    h("span", { class: "state-dot", "aria-hidden": "true" }),
    state,
  );
  const row = h("div", { class: "title-row" }, name, titled, actions);
  const element = h(
    "header",
    { class: "run-header" },
    row,
    facts.element,
    progress,
    problem,
    failed,
    readOnly,
  );
  let told = "";
  const update = createActions(context, actions);
  return {
    element,
    update({ experiment, mayControl }) {
      if (!experiment) return;
      setText(name, experiment.name);
      setText(state, stateName(experiment.state));
      setAttribute(element, "data-state", dotOf(experiment.state));
      setAttribute(actions, "aria-label", t("actionsOf", experiment.name));
      update(experiment, mayControl);
      facts.update(experiment);
      const share = shareOf(experiment);
      setAttribute(progress, "aria-label", t("progressOf", experiment.name));
      setAttribute(progress, "aria-valuenow", percentDone(share));
      bar.style.transform = `scaleX(${share})`;
      setShown(problem, experiment.problem !== null);
      setText(problem, experiment.problem ?? "");
      setShown(failed, experiment.failures.length > 0);
      const now = JSON.stringify(experiment.failures);
      if (now !== told) {
        told = now;
        replaceChildren(failures, ...experiment.failures.map((text) => h("li", { text })));
      }
      setShown(readOnly, !mayControl);
    },
  };
}

/** The name of an experiment's state. */
export function stateName(state: PageExperimentState): string {
  switch (state) {
    case "new":
      return t("experimentNew");
    case "running":
      return t("experimentRunning");
    case "partial":
      return t("experimentPartial");
    case "finished":
      return t("experimentFinished");
    case "broken":
      return t("experimentBroken");
  }
}

/** The state of a run whose dot looks like it. */
function dotOf(state: PageExperimentState): string {
  if (state === "partial") return "interrupted";
  return state === "broken" ? "failed" : state;
}

/** The buttons: they are made once for each set that is offered, so that the focus stays. */
function createActions({ post }: TableContext, place: HTMLElement) {
  const open = button({ label: t("openExperiment"), look: "secondary" }, () =>
    post({ type: "openFile" }),
  );
  const made = new Map<Action, Button>();
  const labels: Record<Action, string> = {
    run: t("runExperiment"),
    continue: t("continueExperiment"),
    stop: t("stopExperiment"),
  };
  const make = (action: Action): Button =>
    button({ label: labels[action], look: action === "stop" ? "secondary" : "primary" }, () =>
      post({ type: "control", action }),
    );
  let shown: string | null = null;
  return (experiment: ExperimentView, mayControl: boolean): void => {
    const wanted = mayControl ? actionsFor(experiment) : [];
    if (wanted.join() === shown) return;
    shown = wanted.join();
    for (const action of wanted) if (!made.has(action)) made.set(action, make(action));
    replaceChildren(place, ...wanted.map((action) => made.get(action)!.element), open.element);
  };
}

function actionsFor({ state, left }: ExperimentView): Action[] {
  switch (state) {
    case "new":
      return ["run"];
    case "running":
      // Some of its runs may be at work for another experiment, and the rest with nobody.
      return left > 0 ? ["continue", "stop"] : ["stop"];
    case "partial":
      return ["continue"];
    case "finished":
    case "broken":
      return [];
  }
}

function createFacts() {
  const protocol = fact(t("protocolFact"));
  const runs = fact(t("runsFact"));
  const running = fact(t("runningFact"));
  const waiting = fact(t("waitingFact"));
  const measuring = fact(t("measuringFact"));
  const failed = fact(t("failedFact"));
  /** Those that were stopped, or that nobody has handed in. */
  const left = fact(t("leftFact"));
  const rows = [protocol, runs, running, waiting, measuring, failed, left].map(({ row }) => row);
  return {
    element: h("dl", { class: "facts" }, ...rows),
    update(experiment: ExperimentView): void {
      const sum = (key: "runs" | "finished" | "failed" | "running" | "measuring"): number =>
        experiment.cells.reduce((total, cell) => total + cell[key], 0);
      const count = (of: { row: HTMLElement; value: HTMLElement }, value: number): void => {
        setShown(of.row, value > 0);
        setText(of.value, integer(value));
      };
      setShown(protocol.row, experiment.protocol !== "");
      setText(protocol.value, experiment.protocol);
      setShown(runs.row, experiment.cells.length > 0);
      setText(runs.value, t("runsOf", integer(sum("finished")), integer(sum("runs"))));
      count(running, sum("running"));
      count(waiting, experiment.waiting);
      count(measuring, sum("measuring"));
      count(failed, sum("failed"));
      const told = ["finished", "running", "measuring", "failed"] as const;
      const others = told.reduce((total, key) => total + sum(key), experiment.waiting);
      // Each run is counted once: those that are only to be measured are told apart.
      count(left, experiment.left > 0 ? sum("runs") - others : 0);
    },
  };
}

/** Share of all that is done. */
function shareOf({ cells }: ExperimentView): number {
  const runs = cells.reduce((sum, cell) => sum + cell.runs, 0);
  return runs === 0 ? 0 : cells.reduce((sum, { share, runs: own }) => sum + share * own, 0) / runs;
}
