import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../util/errors";
import { decodeRgb } from "./decode";

/** What one look into an image file showed: the SHA-256 of its bytes, or why it cannot be decoded. */
export type ImageFacts = { hash: string; problem: null } | { hash: null; problem: string };

/** How many files are decoded at once; sharp decodes in Node's pool of four threads. */
const lanes = 4;

/**
 * Decodes every image of `paths` (below `imageRoot`) as a run would; results in their order. A problem names the
 * image's path. `onProgress` is told how many are done;
 * `signal` ends the work between two images by throwing its reason.
 */
export async function inspectImages(
  imageRoot: string,
  paths: readonly string[],
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<ImageFacts[]> {
  const results: ImageFacts[] = [];
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < paths.length) {
      signal?.throwIfAborted();
      const index = next++;
      results[index] = await inspect(imageRoot, paths[index]!);
      onProgress(++done, paths.length);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** Whether any image can be decoded. Only so many are looked at as it takes to tell; `onLook` hears of how many. */
export async function anyDecodes(
  files: readonly string[],
  onLook: (count: number) => void = () => {},
): Promise<boolean> {
  for (let at = 0; at < files.length; at += lanes) {
    const some = files.slice(at, at + lanes);
    onLook(some.length);
    const facts = await inspectImages("", some);
    if (facts.some(({ problem }) => problem === null)) return true;
  }
  return false;
}

async function inspect(imageRoot: string, path: string): Promise<ImageFacts> {
  const file = join(imageRoot, path);
  try {
    await decodeRgb(file);
    return {
      hash: createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
      problem: null,
    };
  } catch (error) {
    return { hash: null, problem: messageOf(error).replaceAll(file, path) };
  }
}
