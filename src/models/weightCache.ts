import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../util/errors";
import { readSafetensorsHeader, type TensorSource, writeTensorSources } from "./safetensors";
import { readBytes } from "./safetensorsHeader";
import { toFloat32 } from "./tensorValues";
import type { Snapshot, StoredTensor } from "./types";

/** How many values are converted at once: 32 MiB of float32. */
const partSize = 8 * 2 ** 20;

/**
 * A snapshot whose weights are float32 in files of one folder, as the engine maps them. Where they are so already, it is
 * returned as it is. Weights of half precision are widened (exactly) into a file in `cache` the first time, and found
 * there again later.
 */
export async function materialise(
  snapshot: Snapshot,
  cache: string = weightCacheFolder(),
): Promise<Snapshot> {
  const all = [...snapshot.tensors.values()];
  const files = [...new Set(all.map(({ file }) => file))];
  // The engine maps files of one folder.
  const folders = new Set(files.map((file) => dirname(file)));
  if (folders.size === 1 && all.every(({ dtype }) => dtype === "float32")) return snapshot;
  const path = join(cache, `${await keyOf(snapshot, files)}.safetensors`);
  const tensors = (await converted(snapshot, path)) ?? (await convert(snapshot, path));
  return { ...snapshot, tensors };
}

/** Where converted weights are kept: `glad/weights` in the user's cache. */
function weightCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME ? resolve(env.XDG_CACHE_HOME) : join(homedir(), ".cache");
  return join(cache, "glad", "weights");
}

/** Changes when any weight file is replaced or written to: its size, its times and its header go in. */
async function keyOf(snapshot: Snapshot, files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    const { size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    hash.update(JSON.stringify([file, String(size), String(mtimeNs), String(ctimeNs)]));
  }
  const layout = [...snapshot.tensors].map(([name, stored]) => [name, stored]);
  return hash.update(JSON.stringify(layout)).digest("hex").slice(0, 32);
}

/** The tensors of an earlier conversion, or null where there is none or it is damaged. */
async function converted(
  snapshot: Snapshot,
  path: string,
): Promise<Map<string, StoredTensor> | null> {
  if (!existsSync(path)) return null;
  try {
    return asIn(snapshot, (await readSafetensorsHeader(path)).tensors);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

async function convert(snapshot: Snapshot, path: string): Promise<Map<string, StoredTensor>> {
  const sources = [...snapshot.tensors].map(([name, stored]): TensorSource => ({
    name,
    shape: stored.shape,
    values: () => widened(stored),
  }));
  await writeTensorSources(path, sources, { source: snapshot.folder });
  return asIn(snapshot, (await readSafetensorsHeader(path)).tensors);
}

/** The written tensors with what a safetensors file cannot say: that some are transposed. */
function asIn(
  snapshot: Snapshot,
  written: ReadonlyMap<string, StoredTensor>,
): Map<string, StoredTensor> {
  return new Map(
    [...snapshot.tensors].map(([name, { transposed, shape }]) => {
      const stored = written.get(name);
      if (!stored || stored.shape.join() !== shape.join()) {
        throw new UserError(`converted weights: ${name} is missing; delete the file and try again`);
      }
      return [name, transposed ? { ...stored, transposed } : stored];
    }),
  );
}

async function* widened(stored: StoredTensor): AsyncGenerator<Float32Array> {
  const bytes = partSize * (stored.dtype === "float32" ? 4 : 2);
  const handle = await open(stored.file, "r");
  try {
    for (let done = 0; done < stored.length; done += bytes) {
      const length = Math.min(bytes, stored.length - done);
      yield toFloat32(await readBytes(handle, stored.file, stored.offset + done, length), stored);
    }
  } finally {
    await handle.close();
  }
}
