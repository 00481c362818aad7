import type { Disposable } from "./emitter";

/**
 * Does something when asked: at once, but then not again before `interval` milliseconds have passed, and never too late. An
 * interval that changes is asked for each time.
 */
export function throttled(
  interval: number | (() => number),
  act: () => void,
): { ask: () => void } & Disposable {
  let timer: NodeJS.Timeout | null = null;
  let waiting = false;
  const later = (): void => {
    timer = null;
    if (waiting) go();
  };
  const go = (): void => {
    waiting = false;
    timer = setTimeout(later, typeof interval === "number" ? interval : interval());
    act();
  };
  return {
    ask: () => {
      if (timer === null) go();
      else waiting = true;
    },
    dispose() {
      if (timer) clearTimeout(timer);
    },
  };
}
