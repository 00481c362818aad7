import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { byCodePoint } from "../util/codePoints";
import { messageOf, UserError } from "../util/errors";
import { isImageName } from "../util/imageNames";

/** What lies in one folder of a user's images; names sorted by code point, so that the file system's order does not matter. */
export interface FolderContent {
  folders: string[];
  /** Files with an image's extension. */
  images: string[];
  /** Files that are none, and links to what cannot be looked at. */
  others: string[];
  /** What is neither a file nor a folder: pipes, sockets, devices. */
  special: string[];
  /** Links that lead nowhere, or to themselves. */
  broken: string[];
}

/** Files and folders that systems and unpackers leave behind; hidden ones are left out as well. */
const litter = new Set([
  "thumbs.db",
  "desktop.ini",
  "icon\r",
  "__macosx",
  "@eadir",
  "$recycle.bin",
]);

/** Lists a folder without what nobody put there on purpose; links are followed. Only links cost a look at the file. */
export function listFolder(folder: string): FolderContent {
  const content: FolderContent = { folders: [], images: [], others: [], special: [], broken: [] };
  for (const entry of entriesOf(folder)) {
    const { name } = entry;
    if (name.startsWith(".") || litter.has(name.toLowerCase())) continue;
    const kind = entry.isSymbolicLink() ? target(join(folder, name)) : entry;
    if (kind === "nowhere") content.broken.push(name);
    else if (kind?.isDirectory()) content.folders.push(name);
    else if (kind?.isFile() && isImageName(name)) content.images.push(name);
    else if (kind === null || kind.isFile()) content.others.push(name);
    else content.special.push(name);
  }
  for (const names of Object.values(content) as string[][]) sortNames(names);
  return content;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(
      `${folder}: the folder cannot be read (${messageOf(error)}); give yourself the right to read it, or take it out`,
    );
  }
}

/** What a link leads to; null where that cannot be looked at. */
function target(link: string): Stats | "nowhere" | null {
  try {
    return statSync(link);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return ["ENOENT", "ENOTDIR", "ELOOP"].includes(code ?? "") ? "nowhere" : null;
  }
}

/** All but the folders in a folder and all below it, as paths relative to it with "/"; images sorted by code point. */
export function listTree(folder: string): Omit<FolderContent, "folders"> {
  const result: ReturnType<typeof listTree> = { images: [], others: [], special: [], broken: [] };
  const above = new Set<string>();
  const visit = (below: string) => {
    // A link to a folder above itself would be followed for ever.
    const real = realpathSync(join(folder, below));
    if (above.has(real)) return;
    above.add(real);
    const content = listFolder(join(folder, below));
    const path = (name: string) => (below === "" ? name : `${below}/${name}`);
    result.images.push(...content.images.map(path));
    result.others.push(...content.others.map(path));
    result.special.push(...content.special.map(path));
    result.broken.push(...content.broken.map(path));
    for (const name of content.folders) visit(path(name));
    above.delete(real);
  };
  visit("");
  sortNames(result.images);
  return result;
}

/** Sorts in place, by code point of the composed form: some file systems store decomposed names. */
function sortNames(names: string[]): void {
  // Plain names, of which ImageNet has more than a million, need no such care.
  // eslint-disable-next-line no-control-regex
  if (names.every((name) => /^[\x00-\x7f]*$/.test(name))) names.sort();
  else names.sort(byName);
}

function byName(a: string, b: string): number {
  return byCodePoint(a.normalize("NFC"), b.normalize("NFC")) || byCodePoint(a, b);
}
