import type { ClassResult } from "../../src/protocol/page";
import { h, replaceChildren, setText } from "../dom";
import { integer, percent } from "../format";
import { t } from "../strings";
import { button, textField } from "../ui/toolkit";
import { table, type Column } from "../ui/table";
import { changeText } from "./change";

type Order = "name" | "accuracy" | "change";

/** How many classes are listed before one asks for all. */
const first = 40;

/** Accuracy per class, sorted by how much it changed; can be filtered by name and sorted by any column. */
export function createClassTable(): {
  element: HTMLElement;
  update(classes: readonly ClassResult[]): void;
} {
  let classes: readonly ClassResult[] = [];
  let order: Order = "change";
  let descending = false;
  let filter = "";
  let all = false;
  const count = h("span", { class: "muted" });
  const field = textField(t("filterClasses"), (value) => {
    filter = value.trim().toLowerCase();
    draw();
  });
  const list = h("div", {});
  const more = h("div", { class: "more" });
  const element = h(
    "section",
    { class: "block", "aria-labelledby": "classes-title" },
    h(
      "div",
      { class: "block-head" },
      h("h2", { id: "classes-title", text: t("perClass") }),
      count,
      field.element,
    ),
    list,
    more,
  );

  const sortBy = (to: Order): void => {
    descending = order === to ? !descending : to !== "name" && to !== "change";
    order = to;
    draw();
    list.querySelector<HTMLElement>(`[data-order="${to}"]`)?.focus();
  };

  function draw(): void {
    const hasChange = classes.some(({ zeroShotCorrect }) => zeroShotCorrect !== null);
    const by: Order = order === "change" && !hasChange ? "accuracy" : order;
    const found = classes.filter(
      ({ name, total }) => total > 0 && name.toLowerCase().includes(filter),
    );
    const sorted = found.toSorted(
      (a, b) => (descending ? -1 : 1) * compare(by, a, b) || a.name.localeCompare(b.name),
    );
    const shown = all || filter !== "" ? sorted : sorted.slice(0, first);
    setText(count, t("classesShown", integer(shown.length), integer(classes.length)));
    replaceChildren(list, classTable(shown, hasChange, by, descending, sortBy));
    const showAll = button(
      { label: t("showAllClasses", integer(found.length)), look: "quiet" },
      () => {
        all = true;
        draw();
      },
    );
    replaceChildren(more, shown.length < found.length ? showAll.element : null);
  }

  return {
    element,
    update(to) {
      if (to === classes) return;
      classes = to;
      draw();
    },
  };
}

function accuracyOf({ correct, total }: ClassResult): number {
  return (100 * correct) / total;
}

function changeOf(result: ClassResult): number {
  return accuracyOf(result) - zeroShotOf(result);
}

function zeroShotOf({ zeroShotCorrect, total }: ClassResult): number {
  return (100 * (zeroShotCorrect ?? 0)) / total;
}

function compare(order: Order, a: ClassResult, b: ClassResult): number {
  switch (order) {
    case "name":
      return a.name.localeCompare(b.name);
    case "accuracy":
      return accuracyOf(a) - accuracyOf(b);
    case "change":
      return changeOf(a) - changeOf(b);
  }
}

function classTable(
  classes: readonly ClassResult[],
  hasChange: boolean,
  order: Order,
  descending: boolean,
  sortBy: (order: Order) => void,
): HTMLElement {
  const head = (to: Order, text: string, number: boolean): Column => {
    const made = h("button", {
      type: "button",
      class: "sort",
      text,
      title: t("sortBy", text),
      "data-order": to,
    });
    made.addEventListener("click", () => sortBy(to));
    const sorted = order !== to ? "none" : descending ? "descending" : "ascending";
    return { head: made, number, sorted };
  };
  const columns: Column[] = [
    head("name", t("class"), false),
    head("accuracy", t("accuracy"), true),
    ...(hasChange
      ? [{ head: t("zeroShot"), number: true }, head("change", t("change"), true)]
      : []),
    { head: t("correct"), number: true, class: "counts" },
  ];
  const rows = classes.map((result) => [
    result.name,
    percent(accuracyOf(result)),
    ...(hasChange
      ? result.zeroShotCorrect === null
        ? ["–", "–"]
        : [percent(zeroShotOf(result)), changeText(changeOf(result))]
      : []),
    t("correctOf", integer(result.correct), integer(result.total)),
  ]);
  return table(t("perClass"), columns, rows, { class: "classes", hideCaption: true });
}
