import { pageStrings, type PageString } from "../src/protocol/pageStrings";

let translated: Readonly<Record<string, string>> = {};

/** Texts from here on are these where there is one, and English otherwise. */
export function useStrings(strings: Readonly<Record<string, string>>): void {
  translated = strings;
}

/** A text of the page with its values filled in. */
export function t(name: PageString, ...values: (string | number)[]): string {
  const text = translated[name] ?? pageStrings[name];
  return text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)] ?? ""));
}

/** The name of a split; what is no split of ours is named as the run names it. */
export function splitName(split: string): string {
  switch (split) {
    case "all":
      return t("splitAll");
    case "base":
      return t("splitBase");
    case "novel":
      return t("splitNovel");
    case "val":
      return t("splitVal");
    case "harmonic":
      return t("splitHarmonic");
    default:
      return split;
  }
}
