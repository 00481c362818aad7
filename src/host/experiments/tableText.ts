import { renderTable, type TableFormat } from "../../experiments/renderTable";
import { makeTable } from "../../experiments/table";
import type { Table } from "../../protocol/table";
import type { HostExperiment } from "./hostExperiment";

/** The table of an experiment's finished runs; null before its file was expanded. */
export function tableOf({ record, results }: HostExperiment): Table | null {
  return record && makeTable(record, results);
}

/** The table as `glad experiment table` prints it. */
export function tableText(experiment: HostExperiment, format: TableFormat): string | null {
  const table = tableOf(experiment);
  return table && renderTable(table, format);
}
