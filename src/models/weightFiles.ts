import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { plural } from "../util/text";
import { readSafetensorsHeader } from "./safetensors";
import type { StoredTensor } from "./types";

/** Reading and checking of a model's weights, in one file or in several. */

/** Whether a folder holds weights under that name (`model.safetensors`), whole or in shards with their index. */
export function hasWeights(folder: string, name: string): boolean {
  return existsSync(join(folder, name)) || existsSync(join(folder, `${name}.index.json`));
}

/** The headers of a folder's weights: of `name`, or where that is absent of the shards that `name.index.json` lists. */
export async function readWeights(
  folder: string,
  name: string,
): Promise<Map<string, StoredTensor>> {
  const whole = join(folder, name);
  const index = join(folder, `${name}.index.json`);
  if (existsSync(whole) || !existsSync(index)) return (await readSafetensorsHeader(whole)).tensors;
  const map = weightMap(index);
  const shards = new Map<string, Map<string, StoredTensor>>();
  for (const file of new Set(map.values())) {
    shards.set(file, (await readSafetensorsHeader(join(folder, file))).tensors);
  }
  const tensors = new Map<string, StoredTensor>();
  const missing: string[] = [];
  for (const [tensor, file] of map) {
    const stored = shards.get(file)!.get(tensor);
    if (stored) tensors.set(tensor, stored);
    else missing.push(`${tensor} (in ${file})`);
  }
  if (missing.length > 0) {
    throw new UserError(
      `${index}: lists tensors that their files do not hold: ${firstTen(missing)}; download the model again`,
    );
  }
  return tensors;
}

function weightMap(index: string): Map<string, string> {
  const json = parseJsonText(readTextFile(index, "the list of weight files"), index);
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  const entries = typeof map === "object" && map !== null ? Object.entries(map) : [];
  if (entries.length === 0) {
    throw new UserError(`${index}: has no "weight_map" that names a file for each tensor`);
  }
  for (const [tensor, file] of entries as [string, unknown][]) {
    if (typeof file !== "string" || file !== basename(file) || !file.endsWith(".safetensors")) {
      throw new UserError(
        `${index}: the file of ${tensor} is ${JSON.stringify(file)}, expected the name of a .safetensors file in the same folder`,
      );
    }
  }
  return new Map(entries as [string, string][]);
}

/**
 * Throws one UserError that lists every tensor that is missing, has another shape or is not of floating-point numbers,
 * and one for tensors that the architecture does not know (the first ten and the count).
 */
export function checkTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  expected: ReadonlyMap<string, readonly number[]>,
  where: string,
): void {
  const wrong: string[] = [];
  for (const [name, shape] of expected) {
    const stored = tensors.get(name);
    if (!stored) wrong.push(`${name} is missing`);
    else if (stored.shape.join() !== shape.join()) {
      wrong.push(`${name} is [${stored.shape.join(", ")}] and not [${shape.join(", ")}]`);
    } else if (!["float32", "float16", "bfloat16"].includes(stored.dtype)) {
      wrong.push(`${name} is ${stored.dtype} and not float32, float16 or bfloat16`);
    }
  }
  if (wrong.length > 0) {
    throw new UserError(
      `${where}: ${plural(wrong.length, "tensor")} ${wrong.length === 1 ? "does" : "do"} not fit the model's configuration: ${byBlock(wrong)}; the files do not belong together or the download is incomplete`,
    );
  }
  const surplus = [...tensors.keys()].filter((name) => !expected.has(name));
  if (surplus.length > 0) {
    throw new UserError(
      `${where}: ${plural(surplus.length, "tensor")} ${surplus.length === 1 ? "belongs" : "belong"} to no CLIP of this configuration: ${firstTen(surplus)}; it is another architecture`,
    );
  }
}

/** All of a list; those that differ in a block's number alone are one: `text_model.encoder.layers.{0-11}.mlp.fc1.bias is missing`. */
function byBlock(items: readonly string[]): string {
  const blocks = new Map<string, number[]>();
  for (const item of items) {
    const number = /(?<=\.)\d+(?=\.)/.exec(item)?.[0];
    const pattern = number === undefined ? item : item.replace(`.${number}.`, ".{}.");
    const known = blocks.get(pattern);
    if (known) known.push(Number(number));
    else blocks.set(pattern, number === undefined ? [] : [Number(number)]);
  }
  return [...blocks]
    .map(([pattern, numbers]) =>
      numbers.length === 1
        ? pattern.replace(".{}.", `.${numbers[0]}.`)
        : pattern.replace(".{}.", `.{${ranges(numbers)}}.`),
    )
    .join(", ");
}

/** `0-3,7` for ascending numbers. */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** The first ten of a list as text, and how many more there are. */
export function firstTen(items: readonly string[]): string {
  const rest = items.length - 10;
  return items.slice(0, 10).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** The content of a JSON file of a snapshot, or null where there is none. */
export function optionalJson(file: string): unknown {
  return existsSync(file) ? parseJsonText(readFileSync(file, "utf8"), file) : null;
}
