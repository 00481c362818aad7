// Writes, with every build, the texts that can be translated and a pseudo-locale of them (`qps-ploc`), which shows what is not.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const text = `("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')`;

/** Every text of the extension host and of its pages, in English, in order. */
export function hostTexts() {
  const files = readdirSync(join(root, "src/host"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(root, "src/host", file));
  const called = files.flatMap((file) =>
    literals(readFileSync(file, "utf8"), new RegExp(`\\bt\\(\\s*${text}`, "g")),
  );
  const shown = ["pageStrings.ts", "dataPageStrings.ts"].flatMap((file) => {
    const page = readFileSync(join(root, "src/protocol", file), "utf8");
    return literals(page, new RegExp(`^\\s+\\w+:\\s+${text},`, "gm"));
  });
  return [...new Set([...called, ...shown])].sort();
}

function literals(source, pattern) {
  return [...source.matchAll(pattern)].map(([, literal]) =>
    literal.startsWith('"')
      ? JSON.parse(literal)
      : JSON.parse(`"${literal.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`),
  );
}

const accents = {
  a: "á",
  e: "é",
  i: "í",
  o: "ó",
  u: "ú",
  A: "Á",
  E: "É",
  I: "Í",
  O: "Ó",
  U: "Ú",
  c: "ç",
  n: "ñ",
};
/** Places for values, icons, targets of links and code stay as they are. */
const kept = /(\{\d+\}|\$\([\w~-]+\)|\]\([^)]*\)|`[^`]*`)/;

/** A text with accents, a third longer as German would be, in brackets that show where it is cut. */
export function pseudo(english) {
  const accented = english
    .split(kept)
    .map((part, i) =>
      i % 2 === 1 ? part : part.replace(/[a-zA-Z]/g, (letter) => accents[letter] ?? letter),
    )
    .join("");
  // A link must stay a line of its own to become a button.
  if (/^\[.*\]\(.*\)$/m.test(accented)) return accented;
  return `[${accented}${" ~".repeat(Math.ceil(english.length / 8))}]`;
}

/** Brings the generated files up to date. */
export function writeBundles() {
  const texts = hostTexts();
  const manifest = JSON.parse(readFileSync(join(root, "package.nls.json"), "utf8"));
  const map = (entries) => Object.fromEntries(entries);
  put(join(here, "bundle.l10n.json"), map(texts.map((each) => [each, each])));
  put(join(here, "bundle.l10n.qps-ploc.json"), map(texts.map((each) => [each, pseudo(each)])));
  put(
    join(root, "package.nls.qps-ploc.json"),
    map(Object.entries(manifest).map(([key, each]) => [key, pseudo(each)])),
  );
}

function put(file, value) {
  const written = `${JSON.stringify(value, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === written) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, written);
}
