import { createScanner } from "jsonc-parser/lib/esm/main.js";

/** Where the comma stands that follows a place, if that is what follows. */
export function commaFrom(text: string, offset: number): number | null {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const found = scanner.getTokenOffset();
  return text[found] === "," ? found : null;
}
