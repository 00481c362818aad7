import type { ExperimentRecord } from "../protocol/experimentRecord";
import { lacksSeeds, type TableSection } from "../protocol/table";
import { plural } from "../util/text";
import type { CellResult } from "./collect";
import type { PublishedValues } from "./comparisons";
import { settingWarnings } from "./settingWarnings";
import { spreadWarnings } from "./spread";

/** How a table's numbers were made, one sentence each; what its columns of differences are, those say who draw them. */
export function tableNotes(
  record: ExperimentRecord,
  sections: readonly TableSection[],
  compared: readonly PublishedValues[],
): string[] {
  const { protocol, seeds, datasets, targets } = record;
  const notes = [
    `Top-1 accuracy in percent, from counts over all test images, of the model at its last step; mean and population standard deviation over ${plural(seeds.length, "seed")} (${seeds.join(", ")})${exceptions(sections)}.`,
  ];
  if (protocol === "base-to-novel")
    notes.push(
      datasets.length > 1
        ? "H of a data set is of its mean base and novel accuracy, H of the average of the averaged base and the averaged novel accuracy. Novel classes are told apart among themselves."
        : "H is of the mean base and novel accuracy. Novel classes are told apart among themselves.",
    );
  if (targets.length > 0)
    notes.push(
      `The average leaves out ${datasets[0]!.title}, which was trained on; every target has its own class names and prompt.`,
    );
  if (compared.some(({ averagedHere }) => averagedHere))
    notes.push(
      "Published averages over these data sets are computed from what is published of each.",
    );
  if (compared.length > 0) notes.push("Numbers in square brackets name sources.");
  return notes;
}

/** Of which numbers it is not true that they are over all seeds. */
function exceptions(sections: readonly TableSection[]): string {
  const cells = sections.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  const some = cells.flatMap(({ value }) => (value && lacksSeeds(value) ? value.seeds! : []));
  if (some.length === 0) return "";
  const counts = [...new Set(some.map(({ there }) => there))].sort((a, b) => a - b);
  const marks = counts.map((there) => `(${there}/${some[0]!.of})`);
  return `, except where ${marks.join(" or ")} behind a number says that it is over ${counts.join(" or ")} of them`;
}

/** What is missing, and where the setting differs from that of the published methods that are `shown`. */
export function tableWarnings(
  record: ExperimentRecord,
  results: readonly CellResult[],
  shown: readonly string[],
): string[] {
  return [
    ...missingRuns(results),
    ...spreadWarnings(record, results),
    ...settingWarnings(record, results, shown),
  ];
}

function missingRuns(results: readonly CellResult[]): string[] {
  const open = results.filter(({ splits }) => splits === null);
  if (open.length === 0) return [];
  const failed = open.filter(({ state }) => state === "failed").length;
  const also = failed === 0 ? "" : `, ${failed} of them because of a failure`;
  const missing = `${open.length} of ${plural(results.length, "run")} ${open.length === 1 ? "has" : "have"} no result yet${also}`;
  if (open.length === results.length) return [`${missing}.`];
  return [
    `${missing}: means are over the seeds that are there, averages over those that all their data sets have; without any they are left out.`,
  ];
}
