import { UserError } from "../util/errors";
import { firstFive, plural } from "../util/text";
import { inspectImages } from "./inspectImages";
import { requireImagesOfAll, type OpenedData } from "./openData";
import type { Sample } from "./types";

/**
 * Leaves out the images of a run that cannot be decoded (`data.skipUnreadable`) and notes how many. Every image is
 * decoded once, before the split is frozen, so that a resumed run has the same samples.
 */
export async function skipUnreadable(
  opened: OpenedData,
  onProgress?: (done: number, total: number) => void,
): Promise<OpenedData> {
  const measured = opened.evaluations.flatMap(({ samples }) => samples);
  const all = [...opened.train, ...opened.val, ...measured].map(({ path }) => path);
  const paths = [...new Set(all)];
  const facts = await inspectImages(opened.imageRoot, paths, onProgress);
  const problems = new Map<string, string>();
  facts.forEach(({ problem }, index) => {
    if (problem !== null) problems.set(paths[index]!, problem);
  });
  if (problems.size === 0) return opened;
  const readable = (samples: Sample[]) => samples.filter(({ path }) => !problems.has(path));
  const said = firstFive([...problems.values()]);
  const rest: OpenedData = {
    ...opened,
    train: readable(opened.train),
    val: readable(opened.val),
    evaluations: opened.evaluations
      .map((evaluation) => ({ ...evaluation, samples: readable(evaluation.samples) }))
      .filter(({ split, samples }) => split !== "val" || samples.length > 0),
    notes: [
      ...opened.notes,
      `Left out ${plural(problems.size, "image")} of ${paths.length}: ${said}.`,
    ],
  };
  if (rest.train.length === 0) {
    throw new UserError(`No training image can be decoded: ${said}`);
  }
  requireImagesOfAll(rest);
  return rest;
}
