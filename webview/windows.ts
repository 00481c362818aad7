import type { RunCurves, View } from "../src/protocol/page";
import type { Bridge } from "./bridge";
import { schedule } from "./schedule";

/** The page's requests for curves in another view. */
export interface Windows {
  /** Asks for the curves of some runs, soon: while a slider moves, not for every place on its way. */
  ask(): void;
  /** Forgets what was asked; the runs are others now. */
  forget(): void;
  /** The curves of a run that have come while those of other runs are awaited. */
  held(run: string): RunCurves | undefined;
  isWaiting(): boolean;
}

/** Milliseconds between two requests. */
const interval = 60;

/** Asks for each run by itself, so that none holds up the host for long, and shows all together when the last is there. */
export function createWindows(
  bridge: Bridge,
  wanted: () => { view: View; runs: string[] },
  show: (view: View, curves: readonly RunCurves[]) => void,
): Windows {
  let round: { missing: number; curves: RunCurves[] } | null = null;
  const send = (): void => {
    const { view, runs } = wanted();
    const mine: typeof round = { missing: runs.length, curves: [] };
    round = mine;
    for (const run of runs)
      void bridge.ask({ type: "window", run, view }).then(
        ({ curves }) => {
          // A newer round has begun.
          if (round !== mine) return;
          mine.curves.push(curves);
          if (--mine.missing > 0) return;
          round = null;
          show(view, mine.curves);
        },
        // The run is gone, or the host is: what is drawn stays.
        () => {
          if (round === mine) round = null;
        },
      );
  };
  const sending = schedule(send, interval);
  return {
    ask: () => sending.soon(),
    forget: () => (round = null),
    held: (run) => round?.curves.find((curves) => curves.run === run),
    isWaiting: () => round !== null,
  };
}
