import type { ControlAction, FollowUp, RunProgress, RunView } from "../src/protocol/page";
import { duration, speed } from "../src/protocol/pace";
import type { Context, Part } from "./context";
import { h, replaceChildren, setAttribute, setShown, setText } from "./dom";
import { integer } from "./format";
import { t } from "./strings";
import { icon } from "./ui/icons";
import { fact } from "./ui/fact";
import { button, type Button } from "./ui/toolkit";

/** The run that the header speaks of. */
export function activeRun({ model, state }: Context): RunView | undefined {
  return model.runs.find(({ id }) => id === state.active) ?? model.runs[0];
}

/** Whether a run makes no more steps, unless it is resumed. */
export function isOver({ progress: { state } }: RunView): boolean {
  return ["finished", "stopped", "failed", "interrupted"].includes(state);
}

/** What a run is doing, in a word: its state, unless its trainer hangs or is being ended. */
export function stateWord({
  state,
  silent,
  stopping,
}: RunProgress): "silent" | "stopping" | RunProgress["state"] {
  if (stopping !== null) return "stopping";
  return silent === null ? state : "silent";
}

/** "120 of 800"; of a run that was over before it had counted its steps, that it made none. */
export function stepText(run: RunView): string {
  const { step, steps } = run.progress;
  return steps === 0 && isOver(run) ? t("stepNone") : t("stepOf", integer(step), integer(steps));
}

/** What can be asked of a run in a state, in the order of the buttons. */
export function actionsFor({
  progress,
  checkpoints,
  failure,
}: RunView): (ControlAction | FollowUp)[] {
  const { state, silent, stopping } = progress;
  const next = checkpoints.length > 0 ? followUps : [];
  // A trainer that hangs, or that is to end, does nothing else that it is asked for.
  if (silent !== null || stopping !== null) return ["stop"];
  switch (state) {
    case "running":
      return ["pause", "stop", "checkpoint", "evaluate"];
    case "paused":
      return ["continue", "stop", "checkpoint", "evaluate"];
    case "starting":
      return ["stop"];
    case "stopped":
      if (failure !== null) return [...next];
      return next.length > 0 ? ["resume", ...next] : [];
    // What mends a bad end stands with the reason, in the banner.
    case "interrupted":
    case "failed":
    case "created":
    case "finished":
      return [...next];
  }
}

const followUps: readonly FollowUp[] = ["classifyImages", "exportCheckpoint"];

function isFollowUp(action: ControlAction | FollowUp): action is FollowUp {
  return (followUps as readonly string[]).includes(action);
}

/** The top of the page: which run, what it is doing and where, and what can be asked of it. */
export function createHeader(context: Context): Part {
  const name = h("h1", {});
  const dot = h("span", { class: "state-dot", "aria-hidden": "true" });
  const state = h("span", { class: "state-name" });
  const actions = h("div", { class: "actions", role: "group" });
  const add = button({ label: t("addRun"), look: "icon", icon: icon("add") }, () =>
    context.bridge.post({ type: "pickRuns" }),
  );
  const facts = createFacts();
  const bar = h("div", { class: "progress-bar" });
  const progress = h("div", { class: "progress", role: "progressbar", "aria-valuemin": 0 }, bar);
  const silence = h("p", { class: "note silence", hidden: true });
  const note = h("p", { class: "note", role: "status" });
  const readOnly = h("p", { class: "note", text: t("readOnly"), hidden: true });
  const element = h(
    "header",
    { class: "run-header" },
    h(
      "div",
      { class: "title-row" },
      name,
      h("span", { class: "state" }, dot, state),
      actions,
      add.element,
    ),
    facts.element,
    progress,
    silence,
    note,
    readOnly,
  );
  const buttons = createActions(context, actions, note);
  return {
    element,
    update() {
      const run = activeRun(context);
      setShown(element, run !== undefined);
      if (!run) return;
      const { step, steps, silent, stopping } = run.progress;
      const word = stateWord(run.progress);
      setText(name, run.name);
      setText(state, t(word));
      setAttribute(element, "data-state", word);
      setShown(silence, silent !== null || stopping !== null);
      if (stopping !== null) setText(silence, sentence(stopping));
      else if (silent !== null) setText(silence, t("silentFor", duration(silent)));
      setAttribute(actions, "aria-label", t("actionsOf", run.name));
      buttons.update(run);
      facts.update(run);
      setAttribute(progress, "aria-label", t("progressOf", run.name));
      setAttribute(progress, "aria-valuemax", Math.max(steps, 1));
      setAttribute(progress, "aria-valuenow", step);
      bar.style.transform = `scaleX(${steps > 0 ? Math.min(1, step / steps) : 0})`;
      setShown(readOnly, !context.model.mayControl);
    },
  };
}

/** The buttons. After a click one waits for the trainer, which acts between two steps, and says so. */
function createActions(context: Context, actions: HTMLElement, note: HTMLElement) {
  const made = new Map<ControlAction | FollowUp, Button>();
  let shown = "";
  let asked: { run: string; action: ControlAction; state: string } | null = null;
  const make = (action: ControlAction | FollowUp): Button =>
    button({ label: t(action), look: action === "resume" ? "primary" : "secondary" }, () => {
      const run = activeRun(context);
      if (!run) return;
      context.bridge.post({ type: "control", run: run.id, action });
      if (isFollowUp(action)) return;
      const passing = action === "checkpoint" || action === "evaluate";
      asked = { run: run.id, action, state: signature(run) };
      if (passing) setTimeout(() => (asked = null), 10_000);
      context.redraw();
    });
  return {
    update(run: RunView): void {
      const wanted = context.model.mayControl ? actionsFor(run) : [];
      if (wanted.join() !== shown) {
        shown = wanted.join();
        for (const action of wanted) if (!made.has(action)) made.set(action, make(action));
        replaceChildren(actions, ...wanted.map((action) => made.get(action)!.element));
      }
      const { stopping, silent, ending } = run.progress;
      // From here on the host says whether it is at the stopping, whoever began it: it may also give up.
      const known = stopping !== null && asked?.action === "stop";
      if (asked && (known || asked.run !== run.id || asked.state !== signature(run))) asked = null;
      for (const action of wanted)
        made.get(action)!.setEnabled(asked?.action !== action && !(action === "stop" && ending));
      // Of a run that is being stopped is said what comes when, and one that hangs makes no step.
      const waits = asked !== null && stopping === null && silent === null;
      setText(note, waits ? t("requested") : "");
      setShown(note, waits);
    },
  };
}

/** What changes when a request was fulfilled. */
function signature({ progress, checkpoints, evaluations }: RunView): string {
  // Where one is saved another may be deleted.
  return [progress.state, checkpoints.at(-1)?.step, evaluations.length].join();
}

function createFacts() {
  const step = fact(t("stepFact"));
  const left = fact(t("timeLeftFact"));
  const rate = fact(t("speedFact"));
  const device = fact(t("deviceFact"));
  const deviceName = h("span", {});
  const why = h("span", { class: "why" });
  device.value.append(deviceName, why);
  const element = h("dl", { class: "facts" }, step.row, left.row, rate.row, device.row);
  return {
    element,
    update(run: RunView): void {
      const { progress } = run;
      const going = progress.state === "running" || progress.state === "paused";
      const live = going && progress.silent === null && progress.stopping === null;
      setText(step.value, stepText(run));
      setShown(left.row, live && progress.secondsLeft !== null);
      if (progress.secondsLeft !== null) setText(left.value, duration(progress.secondsLeft));
      setShown(rate.row, progress.imagesPerSecond !== null);
      if (progress.imagesPerSecond !== null)
        setText(rate.value, t("imagesPerSecond", speed(progress.imagesPerSecond, integer)));
      setText(deviceName, run.device ?? t("deviceUnknown"));
      setText(why, run.deviceReason ?? "");
    },
  };
}

/** What the host says of a run's end, as a sentence of its own. */
function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
