import { findNodeAtLocation } from "jsonc-parser/lib/esm/main.js";
import type { Fault, Mend } from "../../protocol/fault";
import { jsonTree } from "../../protocol/jsonTree";
import { moved } from "./moved";
import { inline, property, withKey, withValue } from "./textEdits";

/** A mend of a text: what it does, to be said in its title, and what the text is then. */
export interface Mended {
  does: "change" | "add" | "leaveOut" | "move";
  /** What is put in, or the setting that is left out or moved to. */
  what: string;
  text: string;
  /** Whether it is what was probably meant. */
  isLikely: boolean;
}

/** What mends a fault of a text. */
export function mendsIn(
  text: string,
  { path, mends = [] }: Pick<Fault, "path" | "mends">,
): Mended[] {
  return mends.map((mend) => mended(text, path, mend)).filter((each) => each.text !== text);
}

function mended(text: string, path: Fault["path"], mend: Mend): Mended {
  const key = String(path.at(-1));
  switch (mend.kind) {
    case "value": {
      const tree = jsonTree(text);
      const isThere = tree && findNodeAtLocation(tree, path) !== undefined;
      return {
        does: isThere ? "change" : "add",
        what: isThere ? inline(mend.value) : property(key, mend.value),
        text: withValue(text, path, mend.value),
        isLikely: !mend.isGuess,
      };
    }
    case "add": {
      const all = Object.entries(mend.values);
      return {
        does: "add",
        what: all.map(([name, value]) => property(name, value)).join(", "),
        text: all.reduceRight(
          (rest, [name, value]) => withValue(rest, [...path, name], value),
          text,
        ),
        isLikely: true,
      };
    }
    case "key": {
      const what = JSON.stringify(mend.key);
      return { does: "change", what, text: withKey(text, path, mend.key), isLikely: true };
    }
    case "move": {
      const to = mend.to as Fault["path"];
      return { does: "move", what: to.join("."), text: moved(text, path, to), isLikely: true };
    }
    case "leaveOut":
      return {
        does: "leaveOut",
        what: key,
        text: withValue(text, path, undefined),
        isLikely: false,
      };
  }
}
