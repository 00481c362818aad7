import { existsSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../util/errors";
import type { LoadedExperiment } from "./loadExperiment";
import { readRecord } from "./record";
import { recordFile } from "./recordFile";
import { isSameFile, runsIn, writtenIn } from "./writtenPlace";

/** A name that another experiment has, in one sentence, and one that it could have instead. */
export interface TakenName {
  message: string;
  free: string;
}

/**
 * Whether another file has an experiment's name: the record in its place belongs to that file, which is there still, and
 * has the name and the folder of runs still. Else the record may be replaced: a file that was renamed or moved goes on
 * with its runs. Null where the name is free.
 */
export function takenName({ experiment, file }: LoadedExperiment): TakenName | null {
  const { name, config } = experiment;
  const runs = runsIn(config, file);
  const holder = holderOf(name, file, runs);
  if (holder === null) return null;
  const free = freeName(file, runs);
  const message = `name is ${JSON.stringify(name)}, which ${holder} has, so that their records would replace each other; give it another name, e.g. ${JSON.stringify(free)}`;
  return { message, free };
}

/** Refuses to go on under a name that another file has. */
export function refuseTakenName(loaded: LoadedExperiment): void {
  const taken = takenName(loaded);
  if (taken) throw new UserError(`${basename(loaded.file)}: ${taken.message}`);
}

/** The other file that has the experiment's name; null where none has. */
function holderOf(name: string, file: string, runs: string): string | null {
  const other = readRecord(recordFile(runs, name))?.file;
  if (other === undefined || isSameFile(other, file)) return null;
  const written = writtenIn(other);
  return written?.name === name && written.runs === runs ? other : null;
}

/** The name of the file, with a number behind it where that is taken, too. */
function freeName(file: string, runs: string): string {
  const plain = basename(file)
    .replace(/(?:\.experiment)?\.json$/, "")
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  // A name has at most 100 characters.
  const base = plain === "" ? "experiment" : plain.slice(0, 90);
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(recordFile(runs, name))) return name;
  }
}
