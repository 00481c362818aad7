import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { pageStrings } from "../../src/protocol/pageStrings";
import { hasChromium, openPage, settled } from "./chromium";
import { openTab, usePages } from "./pages";
import { failed, glad, others, scenario } from "./scenarios";
import { themes } from "./themes";

const axe = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures of what was looked at are kept, if they are wanted. */
const screenshots = process.env.GLAD_SCREENSHOTS;
const tabs = ["curves", "accuracy", "mistakes", "config"];

describe.skipIf(!hasChromium("accessibility of the results page"))("the results page", () => {
  const pages = usePages();

  /** What axe finds wrong, as "rule: element". */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    return page.evaluate(`axe.run({ preload: false }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target.join(" ") + " " + failureSummary)))`);
  }

  describe.each(themes)("in $name", (theme) => {
    test.each([
      ["one run", [glad], tabs],
      ["several runs", [glad, ...others], tabs],
      ["a failed run", [failed], ["curves"]],
      ["no run", [], []],
    ])("has no fault that axe knows, with %s", async (name, runs, shown) => {
      const { page, problems } = await openPage(
        pages.browser(),
        pages.server().url,
        scenario(runs, pages.server().pictures, { theme }),
      );
      try {
        await settled(page);
        for (const tab of shown) {
          await openTab(page, tab);
          const picture = `${theme.name}-${name.replaceAll(" ", "-")}-${tab}.png`;
          if (screenshots) await page.screenshot({ path: join(screenshots, picture) });
          expect(await violations(page)).toEqual([]);
        }
        if (shown.length === 0) expect(await violations(page)).toEqual([]);
        expect(problems).toEqual([]);
      } finally {
        await page.close();
      }
    });
  });

  test("draws anew when the theme changes", async () => {
    const { page } = await openPage(pages.browser(), pages.server().url, scenario([glad], []));
    await settled(page);
    const stroke = page.locator("[data-chart=loss] .swatch line").first();
    expect(await stroke.getAttribute("stroke")).toBe("#3794ff");
    await page.evaluate(
      `document.documentElement.style.setProperty("--vscode-charts-blue", "#123456")`,
    );
    await settled(page);
    expect(await stroke.getAttribute("stroke")).toBe("#123456");
    await page.close();
  });

  test("stands still where motion is to be reduced", async () => {
    const { page } = await openPage(pages.browser(), pages.server().url, scenario([glad], []));
    await settled(page);
    const animation = `getComputedStyle(document.querySelector(".state-dot")).animationName`;
    expect(await page.evaluate(animation)).toBe("breathe");
    await page.emulateMedia({ reducedMotion: "reduce" });
    expect(await page.evaluate(animation)).toBe("none");
    await page.close();
  });

  test("takes every text from the table of strings", async () => {
    const strings = Object.fromEntries(
      Object.entries(pageStrings).map(([key, text]) => [key, `«${text}»`]),
    );
    for (const runs of [[glad], [glad, ...others], [failed], []]) {
      const { page } = await openPage(
        pages.browser(),
        pages.server().url,
        scenario(runs, pages.server().pictures, {
          strings,
          mayControl: runs.length !== 1 || runs[0] !== failed,
        }),
      );
      await settled(page);
      for (const tab of runs.length > 0 ? tabs : [null]) {
        if (tab) await openTab(page, tab);
        expect(await untranslated(page)).toEqual([]);
      }
      await page.close();
    }
  });
});

/** Texts and names with letters that come neither from the strings nor from the data. */
function untranslated(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const data = /^(glad|plain-lora|sam|failed-run|cpu|auto: .*|(\\d|[.,:+−±–%★✓/ -]|e-?\\d|min|sec|hr|s)*)$/;
    const isData = (e) => e.closest("code, .config-value, .guess-name, .taken-name, .banner, .warnings li, .confusion h3, .classes tbody th, .run-name, [class=key-name]");
    const found = [];
    const walk = (root) => {
      for (const node of root.childNodes) {
        if (node.nodeType === 3) {
          const text = node.data.trim();
          if (text && !text.includes("«") && !data.test(text) && !isData(node.parentElement)) found.push(text);
        } else if (node.nodeType === 1) {
          if (node.matches("style, script, vscode-option")) continue;
          for (const name of ["aria-label", "title", "placeholder", "alt"]) {
            const text = node.getAttribute(name);
            if (text && !text.includes("«") && !data.test(text) && !isData(node) && !node.matches(".thumbnail, .mistake, .guess-name"))
              found.push(name + "=" + text);
          }
          walk(node);
        }
      }
    };
    walk(document.body);
    return found;
  })()`);
}
