import * as vscode from "vscode";
import type { DataSource } from "../../../protocol/dataPage";
import { type Predicted, predictedCsv, type PredictProgress } from "../../../protocol/predicted";
import { messageOf, UserError } from "../../../util/errors";
import { setting } from "../../program";
import type { AnswerStore } from "./answerStore";
import { sheetOf } from "./classifiedSheet";
import type { DataPage, PageHost } from "./openDataPanels";
import { openSheetPage } from "./sheetPage";

/** Milliseconds between two words on how far it has come. */
const pause = 100;

type ClassifiedSource = Extract<DataSource, { page: "classified" }>;

/**
 * Images by the classes that a model gives them. They are classified when the user asks for it (`start`); a page that comes back
 * with its window shows the answer of then. Closing the page gives up.
 */
export function openClassifiedPage(
  host: PageHost,
  source: ClassifiedSource,
  name: string,
  answers: AnswerStore,
  start: boolean,
): DataPage {
  const step = /step-0*(\d+)$/.exec(source.checkpoint ?? "")?.[1];
  const model = step === undefined ? name : vscode.l10n.t("{0}, step {1}", name, step);
  const title = vscode.l10n.t("Classified by {0}", model);
  let abort = new AbortController();
  let mayStart = start;
  let answer: Promise<Predicted> | null = null;

  let toldAt = 0;
  const onProgress = (line: string): boolean => {
    const progress = progressIn(line);
    if (progress && Date.now() - toldAt >= pause) {
      toldAt = Date.now();
      host.post({ type: "classifying", progress });
    }
    return progress !== null;
  };
  const classify = async (): Promise<Predicted> => {
    const device = setting("glad.device");
    const { checkpoint, run, places } = source;
    // There may be more images than a command line takes.
    const args = [
      "predict",
      checkpoint ?? run,
      "--stdin",
      "--format",
      "json",
      "--progress",
      "json",
    ];
    if (device !== "") args.push("--device", device);
    const { signal } = abort;
    const input = places.map((place) => `${place}\n`).join("");
    const { code, stdout, stderr } = await host.program.run(args, {
      cwd: host.cwd,
      signal,
      input,
      onProgress,
    });
    if (signal.aborted) throw new UserError(vscode.l10n.t("Classifying was given up."));
    // Exit code 1 with an answer: there are images that cannot be read.
    if (stdout === "" || (code !== 0 && code !== 1))
      throw new UserError(stderr.trim() || vscode.l10n.t("The program ended without an answer."));
    await answers.keep(source, stdout);
    return JSON.parse(stdout) as Predicted;
  };
  const recall = async (): Promise<Predicted> => {
    const kept = await answers.recall(source);
    if (kept !== null) return JSON.parse(kept) as Predicted;
    throw new UserError(vscode.l10n.t("The answer is no longer kept; classify the images again."));
  };
  const classified = (): Promise<Predicted> => {
    answer ??= mayStart ? classify() : recall();
    // What failed may succeed the next time, which the user asks for.
    answer.catch(() => {
      answer = null;
      mayStart = false;
    });
    return answer;
  };

  const sheet = openSheetPage(host, source, title, async () => sheetOf(await classified(), title));
  const again = async (): Promise<void> => {
    // A workspace that is not trusted starts nothing.
    if (!vscode.workspace.isTrusted) return;
    abort.abort();
    abort = new AbortController();
    [answer, mayStart] = [null, true];
    host.post({ type: "waiting", source, title });
    try {
      await sheet.show();
    } catch (error) {
      host.post({ type: "failed", source, title, message: messageOf(error), mayRun: true });
    }
  };
  return {
    ...sheet,
    async hear(message) {
      if (message.type === "check") return again();
      if (message.type === "cancel") return abort.abort();
      if (message.type === "saveTable")
        return host.save(
          step === undefined ? `${name}-classes.csv` : `${name}-step-${step}-classes.csv`,
          "CSV",
          Buffer.from(predictedCsv(await classified())),
        );
      return sheet.hear(message);
    },
    close() {
      abort.abort();
    },
  };
}

/** What a line of standard error says of how far it has come; null where it says something else. */
function progressIn(line: string): PredictProgress | null {
  if (!line.startsWith('{"doing"')) return null;
  try {
    return JSON.parse(line) as PredictProgress;
  } catch {
    return null;
  }
}
