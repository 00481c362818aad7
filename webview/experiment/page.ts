import type {
  ExperimentView,
  TableHostMessage,
  TablePageMessage,
  TablePageState,
} from "../../src/protocol/tablePage";
import type { Table } from "../../src/protocol/table";
import { h, replaceChildren, setShown } from "../dom";
import { empty } from "../empty";
import { schedule } from "../schedule";
import { t } from "../strings";
import { createExperimentHeader, stateName } from "./header";
import { createNotes } from "./notes";
import { createProgress } from "./progress";
import { createTableView } from "./tableView";

/** What every part of the page works with. */
export interface TableContext {
  post: (message: TablePageMessage) => void;
  /** What the page keeps over a reload; call `save` after changing it. */
  state: TablePageState;
  save: () => void;
}

/** What the host sent last. */
export interface TableModel {
  experiment: ExperimentView | null;
  table: Table | null;
  mayControl: boolean;
}

/** A part of the page. */
export interface TablePart {
  element: HTMLElement;
  update(model: TableModel): void;
}

export interface ExperimentPage {
  element: HTMLElement;
  receive(message: TableHostMessage): void;
}

/** The page of an experiment: how it goes, and its table. */
export function createPage(context: TableContext): ExperimentPage {
  const model: TableModel = { experiment: null, table: null, mayControl: false };
  const drawing = schedule(() => update());
  const parts = [
    createExperimentHeader(context),
    createProgress(context),
    createTableView(context, () => drawing.now()),
    createNotes(context),
  ];
  const gone = empty(t("experimentGone"), t("experimentGoneText"), "h1");
  const live = h("div", { class: "hidden-text", "aria-live": "polite", role: "log" });
  const content = h("div", {}, ...parts.map(({ element }) => element));
  let told = "";

  /** Says to a screen reader that the experiment is in another state. */
  function tell({ name, state }: ExperimentView): void {
    if (told !== "" && told !== state) live.textContent = t("liveState", name, stateName(state));
    told = state;
  }

  function update(): void {
    setShown(gone, model.experiment === null);
    setShown(content, model.experiment !== null);
    if (model.experiment === null) return;
    tell(model.experiment);
    for (const part of parts) part.update(model);
  }

  const element = h("main", { class: "experiment" });
  replaceChildren(element, gone, content, live);
  return {
    element,
    receive(message) {
      if (message.type === "table") model.table = message.table;
      else Object.assign(model, { experiment: message.experiment, mayControl: message.mayControl });
      drawing.now();
    },
  };
}
