/** What people write has a few levels. Whoever walks a value of JSON calls itself for each level, and may not for all. */
export const mostLevels = 100;

/** Whether a text of JSON, with comments or without, has more levels of braces and brackets than `mostLevels`. */
export function isTooDeep(text: string): boolean {
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "{" || sign === "[") level++;
    else if (sign === "}" || sign === "]") level--;
    else if (sign === '"') at = endOfString(text, at);
    else if (sign === "/") at = endOfComment(text, at);
    if (level > mostLevels) return true;
  }
  return false;
}

/** The place of the quote that ends a string, or of the text's end. */
function endOfString(text: string, start: number): number {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (end >= 0 && isEscaped(text, end));
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, place: number): boolean {
  let first = place;
  while (text[first - 1] === "\\") first--;
  return (place - first) % 2 === 1;
}

/** The place of a comment's last sign; that of the slash where none begins there. */
function endOfComment(text: string, start: number): number {
  const mark = text[start + 1];
  if (mark !== "/" && mark !== "*") return start;
  const end = text.indexOf(mark === "/" ? "\n" : "*/", start + 2);
  return end < 0 ? text.length : end + (mark === "/" ? 0 : 1);
}
