import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { firstFive, plural } from "../util/text";
import { cleanClassName, sameNames } from "./classNames";

/**
 * Names of the classes for the prompt, in the order of their folders: the cleaned folder name, or what `classes.json`
 * in the image root says. Two classes with one name are the user's mistake.
 */
export function nameClasses(imageRoot: string, folders: string[], notes: string[]): string[] {
  const file = join(imageRoot, "classes.json");
  const given = existsSync(file) ? readRenames(file) : new Map<string, string>();
  const known = new Set(folders.map((folder) => folder.normalize("NFC")));
  const unused = [...given.keys()].filter((folder) => !known.has(folder));
  if (unused.length > 0) {
    notes.push(
      `${file}: ${plural(unused.length, "name")} without a class folder: ${firstFive(unused)}.`,
    );
  }
  const names = folders.map(
    (folder) => given.get(folder.normalize("NFC")) ?? (cleanClassName(folder) || folder),
  );
  const twins = sameNames(names);
  if (twins.length > 0) {
    const which = folders.filter((_, label) => names[label]!.toLowerCase() === twins[0]);
    throw new UserError(
      `${imageRoot}: the class folders ${which.map((name) => `"${name}"`).join(" and ")} get the same name "${twins[0]!}", and CLIP cannot tell them apart; rename one, or name them in ${file}`,
    );
  }
  return names;
}

/** `classes.json`: an object from folder name to class name. */
function readRenames(file: string): Map<string, string> {
  const json = parseJsonText(readTextFile(file, "the file of class names"), file);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UserError(`${file}: must be an object of the form {"folder": "class name"}`);
  }
  return new Map(
    Object.entries(json).map(([folder, name]) => {
      if (typeof name !== "string" || name.trim() === "") {
        throw new UserError(
          `${file}: "${folder}" is ${JSON.stringify(name)}; expected the class's name as a text`,
        );
      }
      return [folder.normalize("NFC"), name.normalize("NFC").trim()];
    }),
  );
}
