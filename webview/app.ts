import type { HostMessage, PageState, RunCurves, View } from "../src/protocol/page";
import { createBanner } from "./banner";
import type { Bridge } from "./bridge";
import { createCurves } from "./charts/curves";
import type { Context, Part } from "./context";
import { h, setShown, setText } from "./dom";
import { integer, measured } from "./format";
import { activeRun, createHeader } from "./header";
import { appendTo, isOverfull, modelOf, replaceRun, type Model } from "./model";
import { createConfiguration } from "./results/configuration";
import { createDetails } from "./results/details";
import { createAccuracyTab, createMistakesTab } from "./results/tabs";
import { createRunList } from "./runList";
import { schedule } from "./schedule";
import { t } from "./strings";
import { onThemeChange, readTheme } from "./theme";
import { button, tabs } from "./ui/toolkit";

export interface App {
  element: HTMLElement;
  receive(message: HostMessage): void;
}

/** How often a live run is summed up for a screen reader, in milliseconds. */
const summaryInterval = 30_000;

/** The page once a snapshot is there. */
export function createApp(
  bridge: Bridge,
  state: PageState,
  snapshot: Extract<HostMessage, { type: "snapshot" }>,
): App {
  const live = h("div", { class: "hidden-text", "aria-live": "polite", role: "log" });
  const context: Context = {
    bridge,
    state,
    model: modelOf(snapshot),
    theme: readTheme(),
    save: () => bridge.keep(state),
    changeView,
    redraw: () => drawing.now(),
    announce: (text) => setText(live, text),
  };
  const drawing = schedule(update);
  const asking = schedule(ask, 60);
  const details = createDetails(context, () => drawing.now());
  const parts: Record<string, Part> = {
    curves: createCurves(context),
    accuracy: createAccuracyTab(context, details),
    mistakes: createMistakesTab(context, details),
    config: createConfiguration(context),
  };
  const top = [createRunList(context), createHeader(context), createBanner(context)];
  const body = createTabs(context, parts);
  const nothing = h(
    "div",
    { class: "empty" },
    h("h1", { text: t("noRuns") }),
    h("p", { text: t("noRunsText") }),
    button({ label: t("chooseRuns"), look: "primary" }, () => bridge.post({ type: "pickRuns" }))
      .element,
  );
  const element = h("main", {}, ...top.map((part) => part.element), nothing, body, live);
  let answers: { round: number; waiting: Set<string>; curves: RunCurves[] } | null = null;
  let round = 0;
  let summed = performance.now();

  function update(): void {
    const any = context.model.runs.length > 0;
    setShown(nothing, !any);
    setShown(body, any);
    setShown(top[0]!.element, any);
    for (const part of top) part.update();
    if (any) parts[state.tab]?.update();
  }

  function changeView(change: Partial<View>): void {
    context.model.wanted = { ...context.model.wanted, ...change };
    context.save();
    asking.soon();
    drawing.now();
  }

  /** Asks for the curves of all runs in the wanted view, and shows them together when all are there. */
  function ask(): void {
    const { model } = context;
    const view = model.wanted;
    const mine = {
      round: ++round,
      waiting: new Set(model.runs.map(({ id }) => id)),
      curves: [] as RunCurves[],
    };
    answers = mine;
    for (const { id: run } of model.runs)
      void bridge.ask({ type: "window", run, view }).then(
        (answer) => {
          if (answers !== mine) return;
          mine.curves.push(answer.curves);
          mine.waiting.delete(run);
          if (mine.waiting.size === 0) showAnswers(view, mine.curves);
        },
        () => mine.waiting.delete(run),
      );
  }

  function showAnswers(view: View, curves: readonly RunCurves[]): void {
    answers = null;
    context.model.shown = view;
    context.model.curves = new Map(curves.map((each) => [each.run, each.curves]));
    drawing.now();
  }

  function receive(message: HostMessage): void {
    const { model } = context;
    switch (message.type) {
      case "snapshot":
        return start(modelOf(message));
      case "append":
        return append(message);
      case "run":
        speakOfState(model, message.run.id, () => replaceRun(model, message.run));
        return drawing.soon();
      case "curves":
        if (sameView(message.view, model.shown))
          model.curves.set(message.curves.run, message.curves.curves);
        else asking.soon();
        return drawing.soon();
      case "rows":
      case "details":
      case "refused":
        // Answers that came after their time.
        return;
    }
  }

  function append(message: Extract<HostMessage, { type: "append" }>): void {
    const { model } = context;
    // Points that come after an answer that still waits for its fellows belong to that answer.
    const answered = answers?.curves.find(({ run }) => run === message.run);
    const target: Model = answered
      ? { ...model, curves: new Map([[answered.run, answered.curves]]), shown: model.wanted }
      : model;
    speakOfState(model, message.run, () => appendTo(target, message));
    if (!answers && isOverfull(model, message.run)) asking.soon();
    summarise(message);
    drawing.soon();
  }

  function summarise({ run, progress, curves }: Extract<HostMessage, { type: "append" }>): void {
    const loss = curves.loss?.smooth ?? curves.loss?.raw;
    const now = performance.now();
    if (run !== activeRun(context)?.id || !loss || now - summed < summaryInterval) return;
    summed = now;
    const [step, steps] = [integer(progress.step), integer(progress.steps)];
    context.announce(t("liveSummary", step, steps, measured(loss.y.at(-1)!)));
  }

  /** Says aloud when a change brought a run into another state. */
  function speakOfState({ runs }: Model, id: string, change: () => void): void {
    const before = runs.find((run) => run.id === id)?.progress.state;
    change();
    const run = context.model.runs.find((each) => each.id === id);
    if (run && before !== run.progress.state)
      context.announce(t("liveState", run.name, t(run.progress.state)));
  }

  function start(model: Model): void {
    context.model = model;
    answers = null;
    state.runs = model.runs.map(({ id }) => id);
    state.colours = Object.fromEntries(model.runs.map(({ id, colour }) => [id, colour]));
    if (!model.runs.some(({ id }) => id === state.active)) state.active = state.runs[0] ?? null;
    context.save();
    // The host may not know yet what was zoomed or smoothed since it was last told.
    if (!sameView(model.shown, { ...model.shown, ...state.view })) changeView(state.view);
    drawing.now();
  }

  onThemeChange(() => {
    context.theme = readTheme();
    drawing.now();
  });
  start(context.model);
  return { element, receive };
}

function createTabs(context: Context, parts: Record<string, Part>): HTMLElement {
  const { state, save, redraw } = context;
  const views = [
    { id: "curves", title: t("tabCurves") },
    { id: "accuracy", title: t("tabAccuracy") },
    { id: "mistakes", title: t("tabMistakes") },
    { id: "config", title: t("tabConfig") },
  ].map((view) => ({ ...view, view: parts[view.id]!.element }));
  if (!(state.tab in parts)) state.tab = "curves";
  const made = tabs(t("tabs"), views, state.tab, (id) => {
    state.tab = id;
    save();
    redraw();
  });
  return made.element;
}

function sameView(a: View, b: View): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
