import type { HostMessage } from "../src/protocol/page";
import { h, setText } from "./dom";
import { integer, measured } from "./format";
import { stateWord } from "./header";
import type { Model } from "./model";
import { t } from "./strings";

/** What the page says to a screen reader beside what can be found on it. */
export interface Voice {
  element: HTMLElement;
  say: (text: string) => void;
  /** Sums a live run up, now and then. */
  summarise(message: Extract<HostMessage, { type: "append" }>): void;
  /** Says of runs whose state is another after a change that it is. */
  tellStates(model: () => Model, change: () => void): void;
}

/** How often a live run is summed up, in milliseconds. */
const interval = 30_000;

/** A place that screen readers listen to without being interrupted. */
export function createVoice(): Voice {
  const element = h("div", { class: "hidden-text", "aria-live": "polite", role: "log" });
  let last = performance.now();
  const say = (text: string): void => setText(element, text);
  return {
    element,
    say,
    summarise({ progress, curves }) {
      const loss = curves.loss?.smooth ?? curves.loss?.raw;
      const now = performance.now();
      if (!loss || now - last < interval) return;
      last = now;
      const value = measured(loss.y.at(-1) ?? NaN);
      say(t("liveSummary", integer(progress.step), integer(progress.steps), value));
    },
    tellStates(model, change) {
      const before = states(model());
      change();
      for (const { id, name, progress } of model().runs) {
        const was = before.get(id);
        const is = stateWord(progress);
        if (was !== undefined && was !== is) say(t("liveState", name, t(is)));
      }
    },
  };
}

function states({ runs }: Model): Map<string, string> {
  return new Map(runs.map(({ id, progress }) => [id, stateWord(progress)]));
}
