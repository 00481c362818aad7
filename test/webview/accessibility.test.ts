import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { pageStrings } from "../../src/protocol/pageStrings";
import { hasChromium, settled } from "./chromium";
import { faults, testInThemes } from "./inThemes";
import { openTab, usePages } from "./pages";
import { failed, glad, others, scenario } from "./scenarios";

const tabs = ["curves", "accuracy", "mistakes", "config"];

describe.skipIf(!hasChromium("accessibility of the results page"))("the results page", () => {
  const pages = usePages();

  describe.each([
    ["one run", [glad], tabs],
    ["several runs", [glad, ...others], tabs],
    ["a failed run", [failed], ["curves"]],
    ["no run", [], []],
  ])("with %s", (name, runs, shown) => {
    testInThemes(
      (theme) => pages.open(scenario(runs, pages.server().pictures, { theme })),
      async (page, theme) => {
        for (const tab of shown) {
          await openTab(page, tab);
          expect(await faults(page, `${theme.name}-${name}-${tab}`)).toEqual([]);
        }
        if (shown.length === 0) expect(await faults(page, `${theme.name}-${name}`)).toEqual([]);
      },
    );
  });

  test("draws anew when the theme changes", async () => {
    const { page } = await pages.open(scenario([glad], []));
    await settled(page);
    const stroke = page.locator("[data-chart=loss] .swatch line").first();
    expect(await stroke.getAttribute("stroke")).toBe("#3794ff");
    await page.evaluate(
      `document.documentElement.style.setProperty("--vscode-charts-blue", "#12b4f6")`,
    );
    await settled(page);
    expect(await stroke.getAttribute("stroke")).toBe("#12b4f6");
    await page.close();
  });

  test("stands still where motion is to be reduced", async () => {
    const { page } = await pages.open(scenario([glad], []));
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
      const { page } = await pages.open(
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
          if (node.matches("style, script, vscode-option, [slot=selected-value]")) continue;
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
