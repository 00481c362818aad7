import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenPage, settled } from "./chromium";
import { type TestTheme, themes } from "./themes";

const axe = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures of what was looked at are kept, if they are wanted. */
const screenshots = process.env.GLAD_SCREENSHOTS;

/**
 * A test for each theme on a page that is opened once, in the first of them, and changes to the others as in the editor. At
 * the end of each nothing may have gone wrong in it.
 */
export function testInThemes(
  open: (theme: TestTheme) => Promise<OpenPage>,
  look: (page: Page, theme: TestTheme) => Promise<void>,
): void {
  let opened: OpenPage | undefined;
  beforeAll(async () => {
    opened = await open(themes[0]!);
    await settled(opened.page);
    await opened.page.evaluate(axe);
  });
  afterAll(() => opened?.page.close());
  test.each(themes)("has no fault that axe knows in $name", async (theme) => {
    const { page, problems } = opened!;
    await page.evaluate(`applyTheme(${JSON.stringify(theme)})`);
    await settled(page);
    await look(page, theme);
    expect(problems).toEqual([]);
  });
}

/** What axe finds wrong, as "rule: element". A picture of what it looks at has this name. */
export async function faults(page: Page, picture: string): Promise<string[]> {
  if (screenshots)
    await page.screenshot({
      path: join(screenshots, `${picture.replaceAll(" ", "-")}.png`),
      fullPage: true,
    });
  return page.evaluate(`axe.run({ preload: false }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target.join(" ") + " " + failureSummary)))`);
}
