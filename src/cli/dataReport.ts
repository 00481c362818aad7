import type {
  AbsentDataSet,
  AddressOutcome,
  AddressReport,
  DataFinding,
  DataReport,
  DataSetReport,
  Download,
} from "../protocol/dataReport";
import { wrap } from "../util/columns";
import { plural, visible } from "../util/text";

const marks: Record<DataFinding["state"], string> = { ok: "ok", note: "--", failed: "FAIL" };

/** What was found of one data set, in lines of 80 columns (a longer word, a path say, is not broken). */
export function dataReport(report: DataSetReport): string {
  const { title, dataset, folder, layout, counts, findings, downloads } = report;
  const number = (count: number) => count.toLocaleString("en-US");
  const lines = wrap(
    "",
    visible(`${title} (--dataset ${dataset}) in ${folder}${layout === null ? "" : `, ${layout}`}`),
  );
  if (counts) {
    const { classes, train, val, test } = counts;
    lines.push(
      `${number(classes)} classes; ${number(train)} images to train, ${number(val)} to validate, ${number(test)} to test`,
    );
  }
  for (const { state, text } of findings)
    lines.push(...wrap(`  ${marks[state].padEnd(6)}`, visible(text)));
  const failures = findings.filter(({ state }) => state === "failed").length;
  if (downloads.length > 0) {
    const tried = downloads.find((download) => download.tried !== undefined)?.tried;
    lines.push(
      `  where to get it (${tried === undefined ? "as of June 2026" : `tried on ${tried.slice(0, 10)}`}):`,
      ...downloads.flatMap((download) => link(download, 4)),
    );
  }
  const testOnly = counts !== null && counts.train === 0;
  if (failures > 0) lines.push("To be mended before training.");
  else
    lines.push(
      testOnly ? "Ready to measure on; nothing can be trained on it." : "Ready to train on.",
    );
  return lines.join("\n") + "\n";
}

/** The data sets that are not there and where to get them, and why no address could be asked; empty where nothing is missed. */
export function absentReport({ root, absent, addresses }: DataReport): string {
  if (absent.length === 0)
    return addresses.problem === null ? "" : `${wrap("", triedWhen(addresses)).join("\n")}\n`;
  const where = root === null ? "the folder of your data sets" : visible(root);
  const count = plural(absent.length, "data set");
  const lines = wrap(
    "",
    `Not there: ${count}. Each belongs into a folder of the given name below ${where}. ${triedWhen(addresses)}`,
  );
  lines.push(...absent.flatMap(source));
  return lines.join("\n") + "\n";
}

/** Where data sets are to be had. */
export function addressReport({ tried, sets }: AddressReport): string {
  const lines = [...wrap("", triedWhen({ tried, problem: null })), ...sets.flatMap(source)];
  return lines.join("\n") + "\n";
}

function triedWhen({ tried, problem }: AddressOutcome): string {
  if (tried !== null) return `Addresses were tried just now, on ${tried.slice(0, 10)}.`;
  if (problem !== null) return `Addresses were tried in June 2026; now ${problem}.`;
  return "Addresses were tried in June 2026; `glad data addresses --try` tries them now.";
}

function source({ dataset, title, folders, downloads }: AbsentDataSet): string[] {
  return [
    `  ${title} (--dataset ${dataset}) into ${folders.join(" or ")}`,
    ...downloads.flatMap((download) => link(download, 4)),
  ];
}

const states: Record<Download["state"], string> = {
  alive: "alive",
  dead: "dead",
  unknown: "not tried",
};
const triedStates: typeof states = { ...states, unknown: "unclear" };

function link({ what, url, state, answer }: Download, indent: number): string[] {
  const start = " ".repeat(indent);
  const found = answer === undefined ? states[state] : `${triedStates[state]}, ${answer}`;
  return [...wrap(start, `${what} (${found}):`), `${start}  ${url}`];
}
