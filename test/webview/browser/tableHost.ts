/** Stands in for VS Code and for the extension in the page of an experiment. Tests speak to it as `tableHost`. */
import type { Table } from "../../../src/protocol/table";
import type {
  ExperimentView,
  TableHostMessage,
  TablePageMessage,
} from "../../../src/protocol/tablePage";
import type { TableScenario } from "../scenario";
import { applyTheme } from "./applyTheme";

interface TableHost {
  /** Everything that the page posted. */
  posted: TablePageMessage[];
  /** The experiment goes on; the page is told as a panel would. */
  tell(experiment: ExperimentView | null): void;
  tabulate(table: Table | null): void;
}

declare global {
  interface Window {
    tableHost: TableHost;
  }
}

const scenario = (window as unknown as { gladScenario: TableScenario }).gladScenario;
const storage = "glad-table";
applyTheme(scenario.theme);
const posted: TablePageMessage[] = [];

function send(message: TableHostMessage): void {
  window.postMessage(message, "*");
}

function tell(experiment: ExperimentView | null): void {
  const { mayControl = true, strings = {} } = scenario;
  send({
    type: "experiment",
    file: "/work/halves.experiment.json",
    experiment,
    strings,
    mayControl,
  });
}

function tabulate(table: Table | null): void {
  send({ type: "table", table });
}

window.tableHost = { posted, tell, tabulate };
(window as unknown as { acquireVsCodeApi: unknown }).acquireVsCodeApi = () => ({
  postMessage(message: TablePageMessage) {
    posted.push(structuredClone(message));
    if (message.type !== "ready") return;
    tell(scenario.experiment);
    tabulate(scenario.table);
  },
  getState: (): unknown => JSON.parse(sessionStorage.getItem(storage) ?? "null") ?? undefined,
  setState: (state: unknown) => sessionStorage.setItem(storage, JSON.stringify(state)),
});
