import { makeTable } from "../../experiments/table";
import type { Table } from "../../protocol/table";
import type { HostExperiment } from "./hostExperiment";

/** The table of an experiment's finished runs; null before its file was expanded. */
export function tableOf({ record, results }: HostExperiment): Table | null {
  return record && makeTable(record, results);
}
