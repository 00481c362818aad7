import type { Context, Part } from "../context";
import { h, setShown } from "../dom";
import { activeRun } from "../header";
import { t } from "../strings";

/** Says what the small signs in the charts mean, of those that are there. */
export function createMarksKey(context: Context): Part {
  const checkpoint = entry("M4 9 8 2l4 7z", "sign-filled", t("marksCheckpoint"));
  const resumed = entry("M8 0v12", "sign-dashed", t("marksResumed"));
  const level = entry("M0 6h16", "sign-dotted", t("marksZeroShot"));
  const element = h("ul", { class: "marks-key" }, checkpoint, resumed, level);
  return {
    element,
    update() {
      const run = activeRun(context);
      setShown(checkpoint, (run?.checkpoints.length ?? 0) > 0);
      setShown(resumed, (run?.resumes.length ?? 0) > 0);
      setShown(
        level,
        context.model.runs.some(({ evaluations }) => evaluations.some((each) => each.zeroShot)),
      );
    },
  };
}

function entry(path: string, look: string, text: string): HTMLElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const drawn = document.createElementNS(namespace, "path");
  const attributes = { class: look, viewBox: "0 0 16 12", width: "16", height: "12" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.setAttribute("aria-hidden", "true");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return h("li", {}, svg, text);
}
