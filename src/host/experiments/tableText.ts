import { renderTable, type TableFormat } from "../../experiments/renderTable";
import type { HostExperiment } from "./hostExperiment";
import { tableOf } from "./tableOf";

/** The table as `glad experiment table` prints it. */
export function tableText(experiment: HostExperiment, format: TableFormat): string | null {
  const table = tableOf(experiment);
  return table && renderTable(table, format);
}
