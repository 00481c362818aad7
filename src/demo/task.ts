import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../util/makeFolder";
import { explainWriteError, isWriteError } from "../util/writeAtomically";
import { className } from "./captions";
import { pngOf } from "./rasterise";
import type { Kind } from "./scene";
import { type Domain, type Part, taskKinds, taskPicture } from "./world";

/** Where the pictures of the demo's task lie: ordinary image folders. */
export type TaskFolders = Record<Domain, string>;

/** Training pictures of each base class, from which the shots are drawn, and of what is not trained on. */
const [trained, known] = [24, 4] as const;
const seed = 1;
/** Larger than the demo's CLIP sees, as photos are. */
const side = 64;
/** Pictures drawn at once: enough to keep libvips' threads busy. */
const portion = 32;

interface Job {
  domain: Domain;
  part: Part;
  kind: Kind;
  index: number;
}

/**
 * Draws the demo's task below `folder`, unless it is there: `photos` of 24 kinds of things (the first half are the base
 * classes), `tests` test pictures of each, and `drawings` of the same kinds, half as many. `report` hears how much is done. A task is
 * complete or absent; its folder's name tells what is in it.
 */
export async function drawTask(
  folder: string,
  tests: number,
  report: (done: number, total: number) => void,
): Promise<TaskFolders> {
  const jobs = taskJobs(tests);
  const place = join(folder, taskName(jobs));
  const folders = { photos: join(place, "photos"), drawings: join(place, "drawings") };
  if (existsSync(place)) return folders;
  const beside = `${place}.${process.pid}.tmp`;
  try {
    for (let start = 0; start < jobs.length; start += portion) {
      const some = jobs.slice(start, start + portion);
      await allEnded(some.map((job) => drawOne(beside, job)));
      report(start + some.length, jobs.length);
    }
    // Another demo may have drawn the same meanwhile.
    if (!existsSync(place)) await rename(beside, place);
  } catch (error) {
    throw isWriteError(error) ? explainWriteError(error, place) : error;
  } finally {
    // Where even this is refused, the first error is the one to tell.
    await rm(beside, { recursive: true, force: true }).catch(() => undefined);
  }
  return folders;
}

/** Waits for every picture, also where one has failed: none may be written once the folder is cleaned up. */
async function allEnded(pictures: Promise<void>[]): Promise<void> {
  await Promise.allSettled(pictures);
  await Promise.all(pictures);
}

function taskJobs(tests: number): Job[] {
  const half = taskKinds.length / 2;
  return (["photos", "drawings"] as const).flatMap((domain) =>
    taskKinds.flatMap((kind, label) => {
      const photos = domain === "photos";
      const counts: Record<Part, number> = {
        train: photos && label < half ? trained : known,
        val: photos ? known : 0,
        test: photos ? tests : Math.ceil(tests / 2),
      };
      return Object.entries(counts).flatMap(([part, count]) =>
        Array.from({ length: count }, (_, index) => ({ domain, part: part as Part, kind, index })),
      );
    }),
  );
}

/** A change of the world gives the task another name: it is made of one picture of every class and part. */
function taskName(jobs: readonly Job[]): string {
  const hash = createHash("sha256").update(String(jobs.length));
  for (const job of jobs) if (job.index === 0) hash.update(svgOf(job));
  return `pictures-${hash.digest("hex").slice(0, 8)}`;
}

function svgOf({ domain, part, kind, index }: Job): string {
  return taskPicture(seed, domain, part, kind, index, side).svg;
}

async function drawOne(folder: string, job: Job): Promise<void> {
  const { domain, part, kind, index } = job;
  const name = `${String(index).padStart(3, "0")}.png`;
  const path = join(folder, domain, part, className(kind), name);
  await makeFolder(dirname(path));
  await writeFile(path, await pngOf(svgOf(job)));
}
