import { h, replaceChildren, setShown } from "../dom";
import { t } from "../strings";
import type { TableContext, TablePart } from "./page";
import { differenceNotes } from "./tableView";

/** What to mind of the numbers, how they were made, and where published ones are from. */
export function createNotes({ state }: TableContext): TablePart {
  const warnings = h("ul", {});
  const notes = h("ul", {});
  const sources = h("ol", {});
  const blocks = [
    block("warnings-block", t("settingDiffers"), warnings),
    block("", t("notesTitle"), notes),
    block("sources", t("sourcesTitle"), sources),
  ];
  let built = "";
  return {
    element: h("div", { class: "notes" }, ...blocks),
    update({ table }) {
      const texts = [
        table?.warnings ?? [],
        table ? [...table.notes, ...differenceNotes(table, state)] : [],
        table?.sources ?? [],
      ];
      const shape = JSON.stringify(texts);
      if (shape === built) return;
      built = shape;
      [warnings, notes, sources].forEach((list, i) => {
        replaceChildren(list, ...texts[i]!.map((text) => h("li", { text })));
        setShown(blocks[i]!, texts[i]!.length > 0);
      });
    },
  };
}

function block(look: string, title: string, list: HTMLElement): HTMLElement {
  return h("section", { class: `block ${look}`.trim() }, h("h2", { text: title }), list);
}
