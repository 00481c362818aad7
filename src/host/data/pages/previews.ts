import { dirname } from "node:path";
import type { SplitSource } from "../../../protocol/dataPage";
import type { DataPreview } from "../../../protocol/dataReport";
import type { Program } from "../../program";

/** Reads which images a run would have; the last answer is kept, since its classes are looked at one after the other. */
export interface PreviewReader {
  read(source: SplitSource, anew?: boolean): Promise<DataPreview>;
}

/** Reads by `glad data preview`. */
export function readPreviews(program: Program, cwd: string): PreviewReader {
  let last: { key: string; preview: Promise<DataPreview> } | null = null;
  return {
    read(source, anew = false) {
      const key = JSON.stringify(source);
      if (last?.key === key && !anew) return last.preview;
      const folder = "config" in source ? dirname(source.config) : cwd;
      const preview = program
        .must(["data", "preview", ...previewArguments(source)], { cwd: folder })
        .then(({ stdout }) => JSON.parse(stdout) as DataPreview);
      last = { key, preview };
      // What failed may succeed the next time.
      preview.catch(() => (last = null));
      return preview;
    },
  };
}

function previewArguments(source: SplitSource): string[] {
  if ("config" in source) return [source.config];
  const { root, dataset, shots, seed } = source;
  const sampling = ["--shots", String(shots ?? "all"), "--seed", String(seed)];
  return ["--data", root, "--dataset", dataset, ...sampling];
}

/** The configuration, or the folder of the data set. */
export function sourceArgument(source: SplitSource): string {
  return "config" in source ? source.config : source.root;
}
