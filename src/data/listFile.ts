import { existsSync } from "node:fs";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import type { DataSplit, Sample } from "./types";

/** One line of a list file; what it does not say is undefined. */
interface Row {
  /** File and line, for errors. */
  at: string;
  path: string;
  label: number | undefined;
  name: string | undefined;
  split: string;
}

/**
 * What the fields are called in lists that others publish; each may begin with an underscore. Those of 2SFS have lines of `_impath`
 * (below the folder of all data sets), `_domain`, `_classname` and `_label`.
 */
const fields = {
  path: ["path", "impath", "image", "image_path", "file", "filename"],
  label: ["label", "class_id", "target"],
  name: ["name", "classname", "class_name", "class"],
};

/** Images that a list names; `val` is null where it names none for validation. */
export interface ListedSamples {
  train: Sample[];
  val: Sample[] | null;
}

/**
 * Reads a list of exact training images: `.jsonl` with `{"path", "label", "name"}` in each line (or `impath`,
 * `classname` and the like, or [path, label, name]), or what `glad split --json` prints. A line's `split` may say
 * "train" or "val"; others are passed over. Beside `X_train.jsonl`, `X_val.jsonl` is read for validation. A path may
 * begin with folders of another machine. Images must be of the data set, and classes agree with it.
 */
export function readListFile(file: string, data: DataSplit): ListedSamples {
  const rows = readRows(file);
  const find = pathFinder(data);
  const samples = (part: string, from: Row[]) =>
    from.filter((row) => row.split === part).map((row) => find(row));
  const train = samples("train", rows);
  if (train.length === 0) throw new UserError(`${file}: names no training image`);
  const named = samples("val", rows);
  const beside = listBeside(file);
  if (named.length > 0 || beside === file || !existsSync(beside)) {
    return { train, val: named.length > 0 ? named : null };
  }
  const asVal = readRows(beside).map((row) => ({ ...row, split: "val" }));
  return { train, val: samples("val", asVal) };
}

/** The file that names the validation images of a list; the list itself where it is not called so that there may be one. */
export function listBeside(list: string): string {
  return list.replace(/_train\.jsonl$/, "_val.jsonl");
}

/** What experiment files may write in `data.list`, and what that stands for. */
const places = {
  "{folder}": "the data set's folder",
  "{dataset}": "the data set's name",
  "{shots}": "the number of shots",
  "{seed}": "the seed",
};

/** How to mend a path with such a place in it; empty without one. */
function mendPlaces(file: string): string {
  const found = Object.entries(places).find(([place]) => file.includes(place));
  if (!found) return "";
  return `${found[0]} stands for ${found[1]} in experiment files only; write that out here`;
}

function readRows(file: string): Row[] {
  const rows: Row[] = [];
  readTextFile(file, "the list of training images (data.list)", mendPlaces(file))
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (line.trim() === "") return;
      const at = `${file}, line ${index + 1}`;
      const json = parseJsonText(line, at);
      if (isSplitOutput(json)) {
        for (const split of ["train", "val"] as const) {
          json[split].forEach((entry, item) =>
            rows.push({ ...toRow(entry, `${at}, ${split}[${item}]`), split }),
          );
        }
      } else rows.push(toRow(json, at));
    });
  return rows;
}

/** What `glad split --json` prints. */
function isSplitOutput(json: unknown): json is { train: unknown[]; val: unknown[] } {
  if (typeof json !== "object" || json === null) return false;
  return "train" in json && Array.isArray(json.train) && "val" in json && Array.isArray(json.val);
}

function toRow(json: unknown, at: string): Row {
  const record: Record<string, unknown> = Array.isArray(json)
    ? { path: json[0] as unknown, label: json[1] as unknown, name: json[2] as unknown }
    : typeof json === "object" && json !== null
      ? { ...json }
      : {};
  const get = (names: string[]) =>
    names.flatMap((name) => [record[name], record[`_${name}`]]).find((v) => v !== undefined);
  const path = get(fields.path);
  const label = get(fields.label);
  const name = get(fields.name);
  const split = record.split ?? "train";
  if (typeof path !== "string" || path === "" || typeof split !== "string") {
    throw new UserError(
      `${at}: expected {"path": ..., "label": ..., "name": ...}, found ${JSON.stringify(json).slice(0, 100)}`,
    );
  }
  return {
    at,
    path,
    label: typeof label === "number" ? label : undefined,
    name: typeof name === "string" ? name : undefined,
    split,
  };
}

/** Finds the data set's own sample for a line, or says what does not fit. */
function pathFinder(data: DataSplit): (row: Row) => Sample {
  const known = samplesByPath(data);
  const plain = (name: string) => name.toLowerCase().replaceAll("_", " ");
  return (row) => {
    const sample = findBySuffix(row.path, known);
    if (!sample) {
      throw new UserError(
        `${row.at}: "${row.path}" is no image of the data set in ${data.imageRoot}`,
      );
    }
    const { label } = sample;
    const names = [data.classNames[label]!, data.sourceNames[label]!];
    // The name decides where there is one: lists of base or novel classes count their labels anew.
    const fits =
      row.name === undefined
        ? row.label === undefined || row.label === label
        : names.some((name) => plain(name) === plain(row.name!));
    if (fits) return sample;
    const says = row.name === undefined ? `label ${row.label!}` : `class "${row.name}"`;
    throw new UserError(
      `${row.at}: gives "${row.path}" the ${says}, but in the data set it is "${names[1]!}" (label ${label})`,
    );
  };
}

/** Found once for each data set: an experiment has a list for each number of shots and seed, and ImageNet a million images. */
const samplesOf = new WeakMap<DataSplit, Map<string, Sample>>();

function samplesByPath(data: DataSplit): Map<string, Sample> {
  const found = samplesOf.get(data);
  if (found) return found;
  const all = [...data.train, ...data.val, ...data.test];
  const known = new Map(all.map((sample) => [sample.path, sample]));
  samplesOf.set(data, known);
  return known;
}

function findBySuffix(path: string, known: Map<string, Sample>): Sample | undefined {
  const parts = path.replaceAll("\\", "/").split("/");
  for (let from = 0; from < parts.length; from++) {
    const found = known.get(parts.slice(from).join("/"));
    if (found) return found;
  }
  return undefined;
}
