/** A count with its noun: "1 image", "3 images", "2 classes". */
export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count.toLocaleString("en-US")} ${noun}${/(s|x|ch|sh)$/.test(noun) ? "es" : "s"}`;
}

/** At most five items, with dots where there are more. */
export function firstFive(items: readonly string[], between = ", "): string {
  return items.slice(0, 5).join(between) + (items.length > 5 ? `${between}...` : "");
}
