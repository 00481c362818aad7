import { dirname } from "node:path";
import type { SplitSource } from "../../../protocol/dataPage";
import type { DataPreview, MoreImages } from "../../../protocol/dataReport";
import { UserError } from "../../../util/errors";
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
      const preview = readPreview(program, folder, previewArguments(source));
      last = { key, preview };
      // What failed may succeed the next time.
      preview.catch(() => (last = null));
      return preview;
    },
  };
}

/** Reads line by line: the images of ImageNet at once would keep the host from everything else. */
async function readPreview(
  program: Program,
  cwd: string,
  args: readonly string[],
): Promise<DataPreview> {
  let preview: DataPreview | null = null;
  const { close, ended } = await program.open(["data", "preview", ...args], {
    cwd,
    onLine(line) {
      const said = JSON.parse(line) as DataPreview | MoreImages;
      if ("splits" in said) preview = said;
      else preview?.splits[said.split]!.images.push(...said.images);
    },
  });
  close();
  const { code, stderr } = await ended;
  if (code === 0 && preview !== null) return preview;
  throw new UserError(stderr.trim() || `glad data preview ended with exit code ${code}`);
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
