import * as vscode from "vscode";
import type { DataSource } from "../../../protocol/dataPage";
import { type Predicted, predictedCsv, type PredictProgress } from "../../../protocol/predicted";
import { UserError } from "../../../util/errors";
import { setting } from "../../program";
import { saveFile } from "../../saveFile";
import { sheetOf } from "./classifiedSheet";
import type { DataPage, PageHost } from "./openDataPanels";
import { openSheetPage } from "./sheetPage";

/** Milliseconds between two words on how far it has come. */
const pause = 100;

type ClassifiedSource = Extract<DataSource, { page: "classified" }>;

/** Images by the classes that a model gives them. They are classified once, when the page is first shown; closing it gives up. */
export function openClassifiedPage(
  host: PageHost,
  source: ClassifiedSource,
  name: string,
): DataPage {
  const abort = new AbortController();
  const title = vscode.l10n.t("Classified by {0}", name);
  let answer: Promise<Predicted> | null = null;

  const classify = async (): Promise<Predicted> => {
    const device = setting("glad.device");
    const model = source.checkpoint ?? source.run;
    const args = ["predict", model, ...source.places, "--format", "json", "--progress", "json"];
    if (device !== "") args.push("--device", device);
    const said: string[] = [];
    const { code, stdout } = await host.program.run(args, {
      cwd: host.cwd,
      signal: abort.signal,
      onLine(line) {
        const progress = progressIn(line);
        if (progress) tell(progress);
        else said.push(line);
      },
    });
    // Exit code 1 with an answer: there are images that cannot be read.
    if (stdout !== "" && (code === 0 || code === 1)) return JSON.parse(stdout) as Predicted;
    throw new UserError(said.join("\n").trim() || `glad predict ended with exit code ${code}`);
  };
  let toldAt = 0;
  const tell = (progress: PredictProgress): void => {
    if (Date.now() - toldAt < pause) return;
    toldAt = Date.now();
    host.post({ type: "waiting", source, title, progress });
  };
  const classified = (): Promise<Predicted> => {
    answer ??= classify();
    // What failed may succeed the next time.
    answer.catch(() => (answer = null));
    return answer;
  };

  const sheet = openSheetPage(host, source, title, async () => sheetOf(await classified(), title));
  return {
    ...sheet,
    async hear(message) {
      if (message.type !== "saveTable") return sheet.hear(message);
      await saveFile(`${name}-classes.csv`, "CSV", Buffer.from(predictedCsv(await classified())));
    },
    close() {
      abort.abort();
    },
  };
}

/** What a line of standard error says of how far it has come; null where it is a sentence. */
function progressIn(line: string): PredictProgress | null {
  return line.startsWith("{") ? (JSON.parse(line) as PredictProgress) : null;
}
