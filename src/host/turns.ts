import { setImmediate } from "node:timers/promises";
import type { Turns } from "../util/turns";

/** Does pieces of work one after the other, each in turns between which the host does other things. */
export interface TurnTaker {
  take<T>(begin: () => Turns<T>): Promise<T>;
}

/** A taker without work. */
export function createTurns(): TurnTaker {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take<T>(begin: () => Turns<T>): Promise<T> {
      const result = last.then(() => inTurns(begin()));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** Does such work, giving the host a turn whenever the work can wait. */
export async function inTurns<T>(work: Turns<T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await setImmediate();
  }
}
