import { messageOf } from "../util/errors";
import type { Holder } from "./openExecutor";

/** What became of runs that were to be taken back. */
export interface TakenBack {
  /** The folders of those that were held. */
  runs: Set<string>;
  /** Why others may still be held. */
  failed: string[];
  /** Why an executor could not be asked that has none of them, as far as is known: they were taken back or are held elsewhere. */
  unasked: string[];
}

/** Takes runs back from all that may hold them: one that cannot be asked keeps nobody from the others. */
export async function takeBack(
  runs: readonly string[],
  holders: readonly Holder[],
): Promise<TakenBack> {
  const taken = new Set<string>();
  const errors: { holder: Holder; message: string }[] = [];
  for (const holder of holders)
    try {
      for (const run of await holder.executor.cancel(runs)) taken.add(run);
    } catch (error) {
      errors.push({ holder, message: messageOf(error) });
    }
  const back: TakenBack = { runs: taken, failed: [], unasked: [] };
  // Only now it is known what others had.
  for (const { holder, message } of errors)
    (holder.mayHold(taken) ? back.failed : back.unasked).push(message);
  return back;
}
