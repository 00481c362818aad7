import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { className } from "./captions";
import { pngOf } from "./rasterise";
import type { Kind } from "./scene";
import { type Domain, type Part, taskKinds, taskPicture } from "./world";

/** Pictures of each class. */
const counts: Record<Domain, Record<Part, number>> = {
  photos: { train: 32, val: 4, test: 40 },
  drawings: { train: 4, val: 0, test: 20 },
};
const seed = 1;
/** Larger than the demo's CLIP sees, as photos are. */
const side = 64;

interface Job {
  domain: Domain;
  part: Part;
  kind: Kind;
  index: number;
}

/**
 * Draws the demo's task below `folder`, unless it is there: `photos` of 24 kinds of things (the first half are the base
 * classes) and `drawings` of the same kinds, ordinary image folders both. `report` hears how much is done. The folder is
 * complete or absent.
 */
export async function drawTask(
  folder: string,
  report: (done: number, total: number) => void,
): Promise<Record<Domain, string>> {
  const folders = { photos: join(folder, "photos"), drawings: join(folder, "drawings") };
  if (existsSync(folder)) return folders;
  const beside = `${folder}.${process.pid}.tmp`;
  const jobs = taskJobs();
  // A portion at a time keeps libvips' threads busy and little in memory.
  const portion = 32;
  for (let start = 0; start < jobs.length; start += portion) {
    const some = jobs.slice(start, start + portion);
    await Promise.all(some.map((job) => drawOne(beside, job)));
    report(start + some.length, jobs.length);
  }
  await rename(beside, folder);
  return folders;
}

function taskJobs(): Job[] {
  return (Object.keys(counts) as Domain[]).flatMap((domain) =>
    (Object.keys(counts[domain]) as Part[]).flatMap((part) =>
      taskKinds.flatMap((kind) =>
        Array.from({ length: counts[domain][part] }, (_, index) => ({ domain, part, kind, index })),
      ),
    ),
  );
}

async function drawOne(folder: string, { domain, part, kind, index }: Job): Promise<void> {
  const { svg } = taskPicture(seed, domain, part, kind, index, side);
  const name = `${String(index).padStart(3, "0")}.png`;
  const path = join(folder, domain, part, className(kind), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await pngOf(svg));
}
