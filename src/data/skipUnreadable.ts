import { join } from "node:path";
import { UserError } from "../util/errors";
import { firstFive, plural } from "../util/text";
import { inspectImages } from "./inspectImages";
import { requireImagesOfAll, type OpenedData } from "./openData";
import { samplesByRoot } from "./splitFile";
import type { Sample } from "./types";

/**
 * Leaves out the images of a run that cannot be decoded (`data.skipUnreadable`) and notes how many. Every image is
 * decoded once, before the split is frozen, so that a resumed run has the same samples.
 */
export async function skipUnreadable(
  opened: OpenedData,
  onProgress?: (done: number, total: number) => void,
): Promise<OpenedData> {
  const parts = [...samplesByRoot(opened)].map(([root, samples]) => ({
    root,
    paths: [...new Set(samples.map(({ path }) => path))],
  }));
  const total = parts.reduce((sum, { paths }) => sum + paths.length, 0);
  /** By absolute path. */
  const problems = new Map<string, string>();
  let before = 0;
  for (const { root, paths } of parts) {
    const facts = await inspectImages(root, paths, (done) => onProgress?.(before + done, total));
    facts.forEach(({ problem }, index) => {
      if (problem !== null) problems.set(join(root, paths[index]!), problem);
    });
    before += paths.length;
  }
  if (problems.size === 0) return opened;
  const readable = (samples: Sample[], root = opened.imageRoot) =>
    samples.filter(({ path }) => !problems.has(join(root, path)));
  const said = firstFive([...problems.values()]);
  const rest: OpenedData = {
    ...opened,
    train: readable(opened.train),
    val: readable(opened.val),
    evaluations: opened.evaluations
      .map((evaluation) => ({
        ...evaluation,
        samples: readable(evaluation.samples, evaluation.imageRoot),
      }))
      .filter(({ split, samples }) => split !== "val" || samples.length > 0),
    notes: [...opened.notes, `Left out ${plural(problems.size, "image")} of ${total}: ${said}.`],
  };
  if (opened.train.length > 0 && rest.train.length === 0) {
    throw new UserError(`No training image can be decoded: ${said}; replace these files`);
  }
  requireClasses(opened, rest, said);
  requireImagesOfAll(rest);
  return rest;
}

/** A class of which no training image is left would be trained as one that is never right. */
function requireClasses(opened: OpenedData, rest: OpenedData, said: string): void {
  const left = new Set(rest.train.map(({ label }) => label));
  const lost = [...new Set(opened.train.map(({ label }) => label))].filter((x) => !left.has(x));
  if (lost.length === 0) return;
  const names = firstFive(lost.map((label) => `"${opened.classNames[label]!}"`));
  throw new UserError(
    `Of ${plural(lost.length, "class")} (${names}) no training image can be decoded: ${said}; replace these files, or draw others by another seed`,
  );
}
