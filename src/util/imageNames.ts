import { join } from "node:path";
import { type FolderListing, listFolderAsync } from "./walkFolders";

/** How files of the formats that sharp decodes end. */
export const imageEndings = "jpg jpeg jpe jfif png webp gif tif tiff avif".split(" ");
const imageExtension = new RegExp(`\\.(${imageEndings.join("|")})$`, "i");

/** Whether a file is an image by its name. */
export function isImageName(name: string): boolean {
  return imageExtension.test(name);
}

const otherPicture = /\.(heic|heif|hif|jxl|bmp)$/i;

/** Whether a file is by its name a picture of a kind that is not decoded. */
export function isOtherPicture(name: string): boolean {
  return otherPicture.test(name);
}

/** Folders that hold the classes' folders, compared without case. */
const trainNames = new Set(["train", "training"]);
/** So many class folders are looked into. */
const looks = 12;

/**
 * Whether a folder looks like one of images by class: at least two of its folders, or of those of its folder `train`,
 * hold images themselves. Its own images, say beside a document, make it none.
 */
export async function looksLikeImageFolder(listing: FolderListing): Promise<boolean> {
  if (listing.folders.length === 0 || listing.files.some(isImageName)) return false;
  const train = listing.folders.find((name) => trainNames.has(name.toLowerCase()));
  if (train !== undefined) {
    const below = await listFolderAsync(join(listing.path, train));
    if (await holdsClasses(below)) return true;
  }
  return holdsClasses(listing);
}

async function holdsClasses({ path, folders }: FolderListing): Promise<boolean> {
  let classes = 0;
  for (const name of folders.slice(0, looks)) {
    const { files } = await listFolderAsync(join(path, name));
    if (files.some(isImageName) && ++classes === 2) return true;
  }
  return false;
}
