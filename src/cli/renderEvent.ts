import type { RunEvent, SplitResult } from "../protocol/events";
import { padRight } from "../util/columns";
import { count, difference, labelled, percent } from "./format";
import type { Progress } from "./renderProgress";

/** What is printed of an event, in lines of 80 columns; steps are told by the progress line alone. */
export function eventLines(event: RunEvent, { zeroShot }: Pick<Progress, "zeroShot">): string[] {
  switch (event.type) {
    case "started":
      return [
        ...labelled("device", event.device),
        ...labelled("", event.deviceReason),
        ...(event.resumed ? labelled("resumed", `from step ${count(event.step)}`) : []),
      ];
    case "evaluated":
      return labelled(
        event.zeroShot ? "zero-shot" : at(event.step),
        accuracyText(event, event.zeroShot ? undefined : zeroShot[event.split]),
      );
    case "skipped":
      return labelled(at(event.step), `skipped (${event.inARow} in a row): ${event.reason}`);
    case "saved":
      return labelled(at(event.step), `saved ${event.path}`);
    case "paused":
      return labelled(at(event.step), "paused; `glad continue` goes on");
    case "continued":
      return labelled(at(event.step), "continued");
    case "warning":
      return labelled("note", event.message);
    case "step":
    case "finished":
    case "stopped":
    case "failed":
      return [];
  }
}

/** `all    71.30%  (713 of 1,000)  +8.10`; the difference from `before` where that is known. */
function accuracyText(
  { split, correct, total, accuracy }: SplitResult,
  before: number | undefined,
): string {
  const counts = `(${count(correct)} of ${count(total)})`;
  const text = `${padRight(split, 5)} ${percent(accuracy).padStart(7)}  ${counts}`;
  return before === undefined ? text : `${padRight(text, 36)} ${difference(before, accuracy)}`;
}

function at(step: number): string {
  return `step ${step}`;
}
