import { h } from "../dom";
import { difference } from "../format";
import { t } from "../strings";

/** A difference in percentage points, coloured where it is one. */
export function changeText(change: number): HTMLElement {
  const direction = Math.abs(change) < 0.005 ? "same" : change > 0 ? "better" : "worse";
  return h("span", { class: `change ${direction}`, text: difference(change), title: t("points") });
}
