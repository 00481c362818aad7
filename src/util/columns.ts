import stringWidth from "string-width";

/** Texts in columns of a terminal, where a Chinese, Japanese or Korean character takes two and an accent of its own none. */

/** Columns that a text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text with spaces behind it up to so many columns. */
export function padRight(text: string, width: number): string {
  return text + spaces(width - widthOf(text));
}

/** The text with spaces before it up to so many columns. */
export function padLeft(text: string, width: number): string {
  return spaces(width - widthOf(text)) + text;
}

function spaces(count: number): string {
  return " ".repeat(Math.max(0, count));
}

/** `start` and then the words of `text`, broken into lines of `width`; further lines are indented as far as `start` is wide. */
export function wrap(start: string, text: string, width = 80): string[] {
  const lines: string[] = [];
  let line = start;
  let empty = true;
  for (const word of text.split(" ")) {
    // A word longer than a line, a path say, stays whole.
    if (!empty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = spaces(widthOf(start));
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
