import { compareConfigs } from "../../src/protocol/flatConfig";
import type { Context, Part } from "../context";
import { h, replaceChildren } from "../dom";
import { runHead } from "../charts/legend";
import { activeRun } from "../header";
import { t } from "../strings";
import { button, checkbox } from "../ui/toolkit";
import { table, type Cell } from "../ui/table";

/** Of one run its configuration beside the defaults; of several runs where they differ. */
export function createConfiguration(context: Context): Part {
  let chosenOnly = true;
  let built = "";
  const box = checkbox(t("onlyChosen"), chosenOnly, (checked) => {
    chosenOnly = checked;
    update();
  });
  const title = h("h2", {});
  const open = (
    [
      ["config", t("openConfig")],
      ["log", t("openLog")],
      ["folder", t("openFolder")],
    ] as const
  ).map(
    ([what, label]) =>
      button({ label, look: "quiet" }, () => {
        const run = activeRun(context);
        if (run) context.bridge.post({ type: "open", run: run.id, what });
      }).element,
  );
  const list = h("div", {});
  const element = h(
    "section",
    { class: "block" },
    h("div", { class: "block-head" }, title, box.element, h("span", { class: "spacer" }), ...open),
    list,
  );

  function update(): void {
    const { runs, defaults } = context.model;
    const shape = JSON.stringify([
      runs.map(({ id, name, config }) => [id, name, config]),
      defaults,
      chosenOnly,
      context.state.active,
      context.theme,
    ]);
    if (shape === built) return;
    built = shape;
    const compare = runs.length > 1;
    title.textContent = t(compare ? "differences" : "configuration");
    box.element.hidden = compare;
    replaceChildren(list, compare ? differences(context) : settings(context, chosenOnly));
  }
  return { element, update };
}

function differences({ model: { runs }, theme }: Context): HTMLElement {
  const rows = compareConfigs(runs.map(({ config }) => config)).filter(({ differs }) => differs);
  if (rows.length === 0) return h("p", { class: "muted", text: t("noDifferences") });
  const columns = [{ head: t("key") }, ...runs.map((run) => ({ head: runHead(run, theme) }))];
  const cells = rows.map(({ key, values }) => [keyCell(key), ...values.map(valueCell)]);
  return table(t("differences"), columns, cells, { class: "config", hideCaption: true });
}

function settings(context: Context, chosenOnly: boolean): HTMLElement {
  const run = activeRun(context);
  if (!run) return h("div");
  const rows = compareConfigs([run.config, context.model.defaults]).filter(
    ({ values: [own], differs }) => own !== null && (differs || !chosenOnly),
  );
  if (rows.length === 0) return h("p", { class: "muted", text: t("nothingChosen") });
  const columns = [
    { head: t("key") },
    { head: t("value") },
    { head: t("default"), class: "muted" },
  ];
  const cells = rows.map(({ key, values: [own, usual], differs }) => [
    keyCell(key),
    differs ? h("strong", {}, valueCell(own!)) : valueCell(own!),
    valueCell(usual ?? null),
  ]);
  return table(t("configuration"), columns, cells, { class: "config", hideCaption: true });
}

function keyCell(key: string): Cell {
  return h("code", { text: key });
}

function valueCell(value: string | null): Cell {
  return value === null
    ? h("span", { class: "muted", text: t("notSet") })
    : h("span", { class: "config-value", text: value });
}
