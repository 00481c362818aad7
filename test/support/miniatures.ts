import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFiles } from "./temporaryFolder";

/** A small data set as test/golden/miniatures.py describes it; paths are those of CoOp's layout. */
export interface Miniature {
  /** Folder names of CoOp's and of CLIP-LoRA's layout. */
  folders: [string, string | null];
  imageRoot: string;
  json: Record<string, unknown>;
  text: Record<string, string>;
  images: string[];
  others: string[];
}

export const miniatures = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/miniatures.json"), "utf8"),
) as Record<string, Miniature>;

type Lists = Record<"train" | "val" | "test", [string, number, string][]>;

/** Paths of all images of a miniature, listed or not. */
export function imagesOf({ json, images, imageRoot }: Miniature): string[] {
  const split = Object.keys(json).find((file) => file.startsWith("split_zhou_"));
  const lists = split === undefined ? null : (json[split] as Lists);
  const listed = lists ? [...lists.train, ...lists.val, ...lists.test] : [];
  const paths = listed.map(([path]) => (imageRoot === "" ? path : `${imageRoot}/${path}`));
  return [...paths, ...images];
}

/**
 * Makes a miniature below `root` in CoOp's or CLIP-LoRA's layout and returns its folder. Images are empty files unless
 * `image` gives their bytes.
 */
export function writeMiniature(
  root: string,
  name: string,
  layout: "CoOp" | "CLIP-LoRA" = "CoOp",
  image: (path: string) => string | Uint8Array = () => "",
): string {
  const miniature = miniatures[name]!;
  const folder = join(root, miniature.folders[layout === "CoOp" ? 0 : 1]!);
  // CLIP-LoRA's code has ImageNet's train and val in the folder itself.
  const place = (path: string) =>
    name === "imagenet" && layout === "CLIP-LoRA" ? path.replace(/^images\//, "") : path;
  const files = [
    ...Object.entries(miniature.json).map(([path, json]) => [path, JSON.stringify(json)] as const),
    ...Object.entries(miniature.text),
    ...miniature.others.map((path) => [place(path), ""] as const),
    ...imagesOf(miniature).map((path) => [place(path), image(path)] as const),
  ];
  writeFiles(folder, Object.fromEntries(files));
  return folder;
}
