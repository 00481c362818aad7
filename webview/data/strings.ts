import { dataPageStrings, type DataPageString } from "../../src/protocol/dataPageStrings";

let translated: Readonly<Record<string, string>> = {};

/** Texts from here on are these where there is one, and English otherwise. */
export function useStrings(strings: Readonly<Record<string, string>>): void {
  translated = strings;
}

/** A text of the page with its values filled in. */
export function t(name: DataPageString, ...values: (string | number)[]): string {
  const text = translated[name] ?? dataPageStrings[name];
  return text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)] ?? ""));
}

/** The name of a part of a data set, or of a split of a run. */
export function partName(part: string): string {
  switch (part) {
    case "train":
    case "val":
    case "test":
    case "all":
    case "base":
    case "novel":
      return t(part);
    default:
      return t("target", part.replace(/^target:/, ""));
  }
}

/** "1 image", "1,234 images". */
export function imageCount(count: number): string {
  return count === 1 ? t("imagesOne") : t("images", integer(count));
}

/** A time (ISO 8601) as the language writes it. */
export function dateTime(iso: string): string {
  return new Date(iso).toLocaleString(document.documentElement.lang || "en");
}

/** A count with the language's separators. */
export function integer(value: number): string {
  return value.toLocaleString(document.documentElement.lang || "en");
}
