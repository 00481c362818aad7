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

/** Also a folder of photos that cannot be decoded is found, so that somebody hears why nothing can be trained on it. */
function isPicture(name: string): boolean {
  return isImageName(name) || isOtherPicture(name);
}

/** Folders that hold the classes' folders, compared without case. */
const trainNames = new Set(["train", "training"]);
/** So many class folders are looked into. */
const looks = 12;

/**
 * Whether a folder looks like one of images by class: at least two of its folders, or of those of its folder `train`,
 * hold images themselves. Its own images, say beside a document, make it none, as does a folder of images by class in it: what lies
 * beside that, say photos that nobody has sorted yet, is no class.
 */
export async function looksLikeImageFolder(listing: FolderListing): Promise<boolean> {
  if (listing.folders.length === 0 || listing.files.some(isPicture)) return false;
  if (await holdsTrain(listing)) return true;
  if (!(await holdsClasses(listing))) return false;
  for (const below of await someFolders(listing))
    if (!below.files.some(isPicture) && ((await holdsTrain(below)) || (await holdsClasses(below))))
      return false;
  return true;
}

async function holdsTrain({ path, folders }: FolderListing): Promise<boolean> {
  const train = folders.find((name) => trainNames.has(name.toLowerCase()));
  return train !== undefined && holdsClasses(await listFolderAsync(join(path, train)));
}

async function holdsClasses(listing: FolderListing): Promise<boolean> {
  const some = await someFolders(listing);
  return some.filter(({ files }) => files.some(isPicture)).length >= 2;
}

function someFolders({ path, folders }: FolderListing): Promise<FolderListing[]> {
  return Promise.all(folders.slice(0, looks).map((name) => listFolderAsync(join(path, name))));
}
