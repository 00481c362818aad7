// Licence texts of what is bundled, which in a package stands in no folder of its own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./registry.mjs";

const microsoft = `Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Packages of Microsoft's under the MIT licence that come without its text. */
const withoutText = /^(onnxruntime-|@microsoft\/fast-)/;

/** The licence texts of the packages that THIRD_PARTY_LICENSES.md names and that are installed here, each text once. */
export function licenceTexts() {
  const notices = readFileSync(join(repository, "THIRD_PARTY_LICENSES.md"), "utf8");
  const byText = new Map();
  for (const [, name] of notices.matchAll(/^\| (@?[\w./-]+) \| \d/gm)) {
    const text = withoutText.test(name)
      ? microsoft
      : ownText(join(repository, "node_modules", name));
    if (text !== null) byText.set(text, [...(byText.get(text) ?? []), name]);
  }
  const sections = [...byText].map(
    ([text, names]) => `\n## ${names.join(", ")}\n\n\`\`\`\`\n${text}\n\`\`\`\`\n`,
  );
  return (
    "\nThird-party parts within onnxruntime: https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt; within libvips'\n" +
    "binary: README.md of @img/sharp-libvips.\n" +
    sections.join("")
  );
}

/** The licence file of a package, or null. */
function ownText(folder) {
  if (!existsSync(folder)) return null;
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.md|\.txt)?$/i.test(name));
  return file === undefined ? null : readFileSync(join(folder, file), "utf8").trim();
}
