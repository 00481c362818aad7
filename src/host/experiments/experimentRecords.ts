import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { recordFile } from "../../experiments/recordFile";
import type { ExperimentRecord } from "../../protocol/experimentRecord";
import { runsFolder } from "../../protocol/runFolder";

/** An experiment file of the workspace, with what its text says of where its runs lie. */
export interface ExperimentFile {
  file: string;
  name: string;
  /** The folder that holds the run folders' folder, e.g. `.glad`; absolute. */
  output: string;
}

/** Experiments that have records beside the runs of these files and whose own files are elsewhere. */
export async function unlisted(
  files: readonly ExperimentFile[],
  outputs: readonly string[],
): Promise<ExperimentFile[]> {
  const found = outputs.map(async (output): Promise<ExperimentFile[]> => {
    const names = await readdir(join(output, "experiments")).catch(() => []);
    const listed = new Set(files.filter((each) => each.output === output).map(({ name }) => name));
    const others = names.filter((name) => !listed.has(name));
    const records = await Promise.all(
      others.map((name) => readRecord(recordFile(runsFolder(output), name))),
    );
    return records.flatMap((record) =>
      record ? [{ file: record.file, name: record.name, output: dirname(record.runs) }] : [],
    );
  });
  return (await Promise.all(found)).flat();
}

/** The record in a file; null where there is none. */
export async function readRecord(file: string): Promise<ExperimentRecord | null> {
  const { experimentRecordSchema } = await import("../../protocol/experimentRecord");
  try {
    return experimentRecordSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return null;
  }
}

/** When a file was last written; 0 where it is not there. */
export async function timeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** What a file is called where its text does not say it. */
export function nameOfFile(file: string): string {
  return basename(file).replace(/\.experiment\.json$/, "");
}
