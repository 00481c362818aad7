/** A count with its noun: "1 image", "3 images", "2 classes". */
export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count.toLocaleString("en-US")} ${noun}${/(s|x|ch|sh)$/.test(noun) ? "es" : "s"}`;
}

/** At most five items, with dots where there are more. */
export function firstFive(items: readonly string[], between = ", "): string {
  return items.slice(0, 5).join(between) + (items.length > 5 ? `${between}...` : "");
}

/** A text on one line without control characters, which would steer the terminal that shows it: as JSON escapes them. */
export function visible(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
