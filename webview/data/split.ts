import type { DataHostMessage, SplitTable } from "../../src/protocol/dataPage";
import { h, replaceChildren, setText } from "../dom";
import { type Cell, type Column, table } from "../ui/table";
import { textField } from "../ui/toolkit";
import { integer, partName, t } from "./strings";
import type { Post, View } from "./view";

type SplitMessage = Extract<DataHostMessage, { type: "split" }>;

/** From so many classes on they can be filtered. */
const many = 12;

/** How many images each split has of each class; a click on a class shows them. */
export function createSplit(
  { title, facts, table: counts, notes }: SplitMessage,
  post: Post,
): View {
  const body = h("div", {});
  const shown = h("span", { class: "muted figures", role: "status" });
  const draw = (filter: string): void => {
    const words = filter.trim().toLowerCase();
    const classes = counts.classes.filter(({ name }) => name.toLowerCase().includes(words));
    const all = counts.classes.length;
    setText(shown, words === "" ? "" : t("classesShown", integer(classes.length), integer(all)));
    replaceChildren(body, countTable(counts, classes, post));
  };
  const field = textField(t("filterClasses"), draw);
  draw("");
  const facing = h(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) =>
      h("div", { class: "fact" }, h("dt", { text: name }), h("dd", { text: value })),
    ),
  );
  const element = h(
    "main",
    { class: "split" },
    h("header", { class: "page-head" }, h("h1", { text: title }), facing),
    notes.length > 0 ? notesBlock(notes) : null,
    h(
      "section",
      { class: "block" },
      counts.classes.length > many ? h("div", { class: "block-head" }, field.element, shown) : null,
      body,
    ),
  );
  return { element, receive: () => false };
}

function countTable(
  { splits, classes: all }: SplitTable,
  classes: SplitTable["classes"],
  post: Post,
): HTMLElement {
  const columns: Column[] = [
    { head: t("class") },
    ...splits.map(({ split }) => ({ head: partName(split), number: true })),
  ];
  const total: Cell[] = [
    `${t("total")} (${integer(all.length)})`,
    ...splits.map(({ images }) => integer(images)),
  ];
  const rows = classes.map(({ name, counts }): Cell[] => [
    classButton(name, post),
    ...counts.map((count) => (count === null ? absent() : integer(count))),
  ]);
  return table(t("splitCaption"), columns, [total, ...rows], { class: "counts-table" });
}

/** A split that does not have the class at all is no split with none of its images. */
function absent(): HTMLElement {
  return h(
    "span",
    { class: "muted" },
    h("span", { "aria-hidden": "true", text: "–" }),
    h("span", { class: "hidden-text", text: t("notHere") }),
  );
}

function classButton(name: string, post: Post): HTMLElement {
  const made = h("button", {
    type: "button",
    class: "link",
    text: name,
    "aria-label": t("openClass", name),
    title: t("openClass", name),
  });
  made.addEventListener("click", () => post({ type: "openClass", name }));
  return made;
}

function notesBlock(notes: readonly string[]): HTMLElement {
  return h(
    "section",
    { class: "block", "aria-labelledby": "notes-title" },
    h("h2", { id: "notes-title", text: t("notes") }),
    h("ul", { class: "notes" }, ...notes.map((text) => h("li", { text }))),
  );
}
