import { directionOf } from "../../src/protocol/difference";
import { h } from "../dom";
import { difference } from "../format";
import { t } from "../strings";

/** A difference in percentage points, coloured where it is one. */
export function changeText(change: number): HTMLElement {
  const look = `change ${directionOf(change)}`;
  return h("span", { class: look, text: difference(change), title: t("points") });
}
