/** A count with its noun: "1 image", "3 images", "2 classes". */
export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count.toLocaleString("en-US")} ${noun}${/(s|x|ch|sh)$/.test(noun) ? "es" : "s"}`;
}

/** At most five items, with dots where there are more. */
export function firstFive(items: readonly string[], between = ", "): string {
  return items.slice(0, 5).join(between) + (items.length > 5 ? `${between}...` : "");
}

/** `start` and then the words of `text`, broken into lines of `width`; further lines are indented as far as `start` is long. */
export function wrap(start: string, text: string, width = 80): string[] {
  const lines: string[] = [];
  let line = start;
  let empty = true;
  for (const word of text.split(" ")) {
    // A word longer than a line, a path say, stays whole.
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(start.length);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
