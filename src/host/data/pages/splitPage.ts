import { basename } from "node:path";
import * as vscode from "vscode";
import type { DataSource } from "../../../protocol/dataPage";
import type { DataPreview } from "../../../protocol/dataReport";
import { splitTable } from "../../../protocol/splitTable";
import type { DataPage, PageHost } from "./openDataPanels";
import { type PreviewReader, sourceArgument } from "./previews";

type SplitPageSource = Extract<DataSource, { page: "split" }>;

/** Counts of every class in every split of a run, as a table. */
export function openSplitPage(
  host: PageHost,
  source: SplitPageSource,
  previews: PreviewReader,
): DataPage {
  const { of } = source;
  const title = vscode.l10n.t("Split of {0}", basename(sourceArgument(of)));
  return {
    title,
    async show() {
      const preview = await previews.read(of, true);
      host.post({
        type: "split",
        source,
        title,
        facts: facts(preview, sourceArgument(of)),
        table: splitTable(preview),
        notes: preview.notes,
      });
    },
    async hear(message) {
      if (message.type === "openClass")
        await host.open({ page: "sampled", of, name: message.name });
    },
    rest: () => undefined,
  };
}

function facts(preview: DataPreview, origin: string): [string, string][] {
  const { t } = vscode.l10n;
  const { dataset, shots, seed, order, protocol } = preview;
  return [
    [t("From"), origin],
    [t("Data set"), dataset],
    [t("Shots"), shots === null ? t("all") : String(shots)],
    [t("Seed"), String(seed)],
    [t("Order"), order],
    [t("Protocol"), protocol],
  ];
}
