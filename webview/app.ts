import type { HostMessage, PageRunState, PageState, View } from "../src/protocol/page";
import { createBanner } from "./banner";
import type { Bridge } from "./bridge";
import { createCurves } from "./charts/curves";
import type { Context, Part } from "./context";
import { h, setShown, setText } from "./dom";
import { createGoneRuns } from "./goneRuns";
import { activeRun, createHeader } from "./header";
import { appendTo, isOverfull, modelOf, replaceRun, type Model } from "./model";
import { createConfiguration } from "./results/configuration";
import { createDetails } from "./results/details";
import { createAccuracyTab, createMistakesTab } from "./results/tabs";
import { createRunList } from "./runList";
import { schedule } from "./schedule";
import { t } from "./strings";
import { onThemeChange, readTheme } from "./theme";
import { button, tabs, type Tabs } from "./ui/toolkit";
import { createVoice } from "./voice";
import { createWindows } from "./windows";

export interface App {
  element: HTMLElement;
  receive(message: HostMessage): void;
}

/** States of a run that has a trainer at work. */
const atWork: readonly PageRunState[] = ["starting", "running"];

/** The page once a snapshot is there. */
export function createApp(
  bridge: Bridge,
  state: PageState,
  snapshot: Extract<HostMessage, { type: "snapshot" }>,
): App {
  const voice = createVoice();
  const context: Context = {
    bridge,
    state,
    model: modelOf(snapshot),
    theme: readTheme(),
    save: () => bridge.keep(state),
    changeView,
    redraw: () => drawing.now(),
    announce: voice.say,
  };
  const drawing = schedule(() => layout.update());
  const windows = createWindows(
    bridge,
    () => ({ view: context.model.wanted, runs: context.model.runs.map(({ id }) => id) }),
    (view, curves) => {
      context.model.shown = view;
      context.model.curves = new Map(curves.map((each) => [each.run, each.curves]));
      drawing.now();
    },
  );
  const layout = createLayout(context);

  function changeView(change: Partial<View>): void {
    context.model.wanted = { ...context.model.wanted, ...change };
    context.save();
    windows.ask();
    drawing.now();
  }

  function start(model: Model): void {
    if (model.other) {
      // What was looked at closely of other runs is nothing of these; one that is just trained is to be seen at work.
      state.view = { ...state.view, range: null };
      if (model.runs.some(({ progress }) => atWork.includes(progress.state))) layout.showCurves();
    }
    context.model = model;
    windows.forget();
    // Runs that are not there, or not yet, are kept in mind.
    if (model.runs.length > 0) {
      state.runs = model.runs.map(({ id }) => id);
      state.colours = Object.fromEntries(model.runs.map(({ id, colour }) => [id, colour]));
      if (!model.runs.some(({ id }) => id === state.active)) state.active = state.runs[0] ?? null;
    }
    context.save();
    // The host may not know yet what was zoomed or smoothed since it was last told.
    if (!sameView(model.shown, { ...model.shown, ...state.view })) changeView(state.view);
    drawing.now();
  }

  function append(message: Extract<HostMessage, { type: "append" }>): void {
    const { model } = context;
    // Points that come after an answer which waits for its fellows belong to that answer.
    const held = windows.held(message.run);
    const target: Model = held
      ? { ...model, curves: new Map([[held.run, held.curves]]), shown: model.wanted }
      : model;
    voice.tellStates(
      () => context.model,
      () => appendTo(target, message),
    );
    if (message.run === activeRun(context)?.id) voice.summarise(message);
    if (!windows.isWaiting() && isOverfull(model, message.run)) windows.ask();
  }

  function receive(message: HostMessage): void {
    const { model } = context;
    switch (message.type) {
      case "snapshot":
        return start(modelOf(message));
      case "append":
        append(message);
        return drawing.soon();
      case "run":
        voice.tellStates(
          () => model,
          () => replaceRun(model, message.run),
        );
        return drawing.soon();
      case "curves":
        if (sameView(message.view, model.shown))
          model.curves.set(message.curves.run, message.curves.curves);
        else windows.ask();
        return drawing.soon();
      case "rows":
      case "details":
      case "refused":
        // Answers that came after their time.
        return;
    }
  }

  onThemeChange(() => {
    context.theme = readTheme();
    drawing.now();
  });
  start(context.model);
  return { element: h("main", {}, layout.element, voice.element), receive };
}

/** All parts of the page; of the tabs, the one that is shown is kept up to date. */
function createLayout(context: Context): Part & { showCurves(): void } {
  const details = createDetails(context, () => context.redraw());
  const parts: Record<string, Part> = {
    curves: createCurves(context),
    accuracy: createAccuracyTab(context, details),
    mistakes: createMistakesTab(context, details),
    config: createConfiguration(context),
  };
  const top = [
    createGoneRuns(context),
    createRunList(context),
    createHeader(context),
    createBanner(context),
  ];
  const below = createTabs(context, parts);
  const choose = button({ label: t("chooseRuns"), look: "primary" }, () =>
    context.bridge.post({ type: "pickRuns" }),
  );
  const title = h("h1", {});
  const text = h("p", {});
  const nothing = h("div", { class: "empty", role: "status" }, title, text, choose.element);
  return {
    element: h("div", {}, ...top.map(({ element }) => element), nothing, below.element),
    showCurves() {
      context.state.tab = "curves";
      below.select("curves");
    },
    update() {
      const { runs, gone } = context.model;
      const any = runs.length > 0;
      setText(title, gone.length > 0 ? t("goneRuns") : t("noRuns"));
      setText(text, gone.length > 0 ? t("goneRunsText") : t("noRunsText"));
      setShown(nothing, !any);
      setShown(below.element, any);
      for (const part of top) part.update();
      if (any) parts[context.state.tab]?.update();
    },
  };
}

function createTabs({ state, save, redraw }: Context, parts: Record<string, Part>): Tabs {
  const views = [
    { id: "curves", title: t("tabCurves") },
    { id: "accuracy", title: t("tabAccuracy") },
    { id: "mistakes", title: t("tabMistakes") },
    { id: "config", title: t("tabConfig") },
  ].map((view) => ({ ...view, view: parts[view.id]!.element }));
  if (!(state.tab in parts)) state.tab = "curves";
  return tabs(t("tabs"), views, state.tab, (id) => {
    state.tab = id;
    save();
    redraw();
  });
}

function sameView(a: View, b: View): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
