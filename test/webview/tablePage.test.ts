import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { pageStrings } from "../../src/protocol/pageStrings";
import type { TablePageMessage } from "../../src/protocol/tablePage";
import { hasChromium, settled } from "./chromium";
import { faults, testInThemes } from "./inThemes";
import { usePages } from "./pages";
import type { TableScenario } from "./scenario";
import { tableScenarios } from "./tableScenarios";
import { themes } from "./themes";

describe.skipIf(!hasChromium("the page of an experiment"))("the page of an experiment", () => {
  const pages = usePages<TableScenario>("experiment");

  const posted = (page: Page): Promise<TablePageMessage[]> => page.evaluate("tableHost.posted");
  /** Cells of the row of a method in a section, as they are read. */
  const rowOf = (page: Page, section: string, method: string | RegExp): Promise<string[]> =>
    page
      .locator(".experiment-table tbody", { has: page.getByText(section, { exact: true }) })
      .locator("tr", { has: page.getByRole("rowheader", { name: method, exact: true }) })
      .locator("th, td")
      .allInnerTexts()
      .then((texts) => texts.map((text) => text.replace(/\s+/g, " ").trim()));

  describe.each(Object.entries(tableScenarios))("%s", (name, of) => {
    testInThemes(
      (theme) => pages.open({ ...of, theme }),
      async (page, theme) => expect(await faults(page, `table-${theme.name}-${name}`)).toEqual([]),
    );
  });

  test("shows means with deviations, differences and where published numbers are from", async () => {
    await pages.use(tableScenarios.finished, async (page) => {
      // H of the means over seeds; zero-shot 968 and 940 of 1,000 give 95.38.
      const glad = await rowOf(page, "Caltech-101", "GLAD");
      const best = ", best of those measured here";
      expect(glad.slice(0, 3)).toEqual(["GLAD", `99.00 ${best} ± 0.37`, `95.30 ${best} ± 0.37`]);
      expect(glad.slice(4, 5)).toEqual([expect.stringMatching(/^\+1\.7\d$/)]);
      const zeroShot = await rowOf(page, "Caltech-101", "Zero-shot");
      expect(zeroShot.slice(0, 4)).toEqual(["Zero-shot", "96.80", "94.00", "95.38"]);
      // The published CLIP has H 95.40 there.
      expect(zeroShot.slice(4)).toEqual(["", "−0.02", "[1]"]);
      const clip = await rowOf(page, "Caltech-101", /^CLIP ?, published$/);
      expect(clip.slice(0, 4)).toEqual([
        expect.stringMatching(/^CLIP ?, published$/),
        "96.84",
        "94.00",
        "95.40",
      ]);
      const sources = await page.locator(".sources li").allInnerTexts();
      expect(sources[0]).toBe("CoCoOp's paper (as known from the paper)");
      expect(await page.locator(".warnings-block li").allInnerTexts()).toContainEqual(
        expect.stringContaining("seeds 1, 2, 3, here 1, 2, 4"),
      );
      expect(await page.getByText("Average of 2 data sets").count()).toBe(1);
      expect(
        (await page.locator(".notes li").allInnerTexts()).filter((text) => /^vs /.test(text)),
      ).toEqual([
        "vs zero-shot: percentage points in the column H above zero-shot.",
        "vs published: percentage points in the column H above the published row with the same source number.",
      ]);
    });
  });

  test("says above the table why runs failed, each reason once", async () => {
    await pages.use(tableScenarios.failed, async (page) => {
      const alert = page.getByRole("alert");
      expect(await alert.getByRole("heading").innerText()).toBe("Why runs failed");
      expect(await alert.getByRole("listitem").allInnerTexts()).toEqual(
        [1, 2, 4].map((seed) => `seed ${seed}: the device was lost`),
      );
      expect(await page.getByText("There is no table yet").isVisible()).toBe(true);
      expect(await page.locator(".warnings-block").innerText()).not.toContain("means");
    });
    await pages.use(tableScenarios.finished, async (page) => {
      expect(await page.getByRole("alert").count()).toBe(0);
    });
  });

  test("shows the differences of another column, and hides what was published; both are kept", async () => {
    await pages.use(tableScenarios.finished, async (page) => {
      await page.getByRole("combobox", { name: "Differences of" }).click();
      await page.getByRole("option", { name: "Base" }).click();
      await settled(page);
      expect((await rowOf(page, "DTD", "Zero-shot"))[5]).toBe("−0.04");
      await page.getByText("in the column Base above zero-shot.").waitFor();
      await page.getByRole("checkbox", { name: "Published methods" }).click();
      await settled(page);
      expect(await page.locator(".published-method").count()).toBe(0);
      await page.reload();
      await settled(page);
      expect(await page.locator(".published-method").count()).toBe(0);
      expect((await rowOf(page, "DTD", "Zero-shot"))[5]).toBe("−0.04");
      expect(await page.evaluate("JSON.parse(sessionStorage.getItem('glad-table'))")).toEqual({
        version: 1,
        file: "/work/halves.experiment.json",
        column: 0,
        published: false,
      });
    });
  });

  test("posts what is asked for by buttons, also by the keyboard", async () => {
    await pages.use(tableScenarios.running, async (page) => {
      for (const name of [
        "Copy as Markdown",
        "Save Markdown",
        "Save CSV",
        "Save LaTeX",
        "Open File",
      ])
        await page.getByRole("button", { name, exact: true }).click();
      await page.getByRole("button", { name: "Stop" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: /show the runs of LoRA on Caltech-101/ }).focus();
      await page.keyboard.press("Enter");
      expect((await posted(page)).slice(1)).toEqual([
        { type: "export", format: "markdown", to: "clipboard" },
        { type: "export", format: "markdown", to: "file" },
        { type: "export", format: "csv", to: "file" },
        { type: "export", format: "latex", to: "file" },
        { type: "openFile" },
        { type: "control", action: "stop" },
        { type: "openRuns", dataset: "caltech101", method: "LoRA" },
      ]);
    });
  });

  test("follows the experiment: bars, numbers, state and the button that fits", async () => {
    await pages.use(tableScenarios.running, async (page) => {
      expect((await rowOf(page, "DTD", "GLAD"))[1]).toBe("–");
      expect((await rowOf(page, "DTD", "SAM"))[1]).toBe("82.40 (1/3)");
      expect(await page.locator(".facts").innerText()).toMatch(/Waiting\s+2/);
      // Every run is in one of the counts.
      const expectEachOnce = async (measuring: number): Promise<void> => {
        const facts = (await page.locator(".facts").innerText()).replace(/\s+/g, " ");
        const count = (of: string): number =>
          Number(new RegExp(`${of} (\\d+)`).exec(facts)?.[1] ?? 0);
        const [, finished, runs] = /Runs (\d+) of (\d+)/.exec(facts)!.map(Number);
        const names = ["At work", "Waiting", "Only to be measured", "Failed", "Left"];
        expect(finished! + names.map(count).reduce((sum, each) => sum + each)).toBe(runs);
        expect([count("Left"), count("Only to be measured")]).toEqual([1 - measuring, measuring]);
      };
      await expectEachOnce(0);
      expect(await page.locator(".state").innerText()).toBe("Running");
      // What is left can be handed in beside what is at work.
      const actions = page.locator(".title-row .actions");
      expect(await actions.innerText()).toBe("Continue\nStop\nOpen File");
      await page.evaluate(
        `tableHost.tell(${JSON.stringify({ ...tableScenarios.running.experiment, left: 0 })})`,
      );
      await settled(page);
      expect(await actions.innerText()).toBe("Stop\nOpen File");
      // One that was left and is only to be measured on more.
      const begun = tableScenarios.running.experiment!;
      const cells = begun.cells.map((cell) =>
        cell.dataset === "dtd" && cell.method === "SAM"
          ? { ...cell, measuring: 1, share: 2 / 3 }
          : cell,
      );
      await page.evaluate(`tableHost.tell(${JSON.stringify({ ...begun, cells })})`);
      await settled(page);
      await expectEachOnce(1);
      const bar = page.getByRole("button", { name: /show the runs of SAM on DTD/ });
      // As the tree and the command line round it.
      expect(await bar.getAttribute("title")).toContain("66% of their work done");
      expect(await bar.getAttribute("data-state")).toBe("running");
      const { experiment, table } = tableScenarios.finished;
      await page.evaluate(`tableHost.tell(${JSON.stringify(experiment)})`);
      await page.evaluate(`tableHost.tabulate(${JSON.stringify(table)})`);
      await settled(page);
      expect((await rowOf(page, "DTD", "GLAD"))[1]).toBe(
        "83.10 , best of those measured here ± 0.37",
      );
      expect(await bar.getAttribute("data-state")).toBe("finished");
      expect(await page.getByRole("button", { name: "Stop" }).count()).toBe(0);
      expect(await page.getByRole("log").innerText()).toBe("halves: Finished.");
      await page.evaluate("tableHost.tell(null)");
      await page.getByText("The experiment is no longer there").waitFor();
    });
  });

  test("an untrusted workspace has no buttons that start or stop", async () => {
    for (const scenario of [tableScenarios.running, tableScenarios.new])
      await pages.use({ ...scenario, mayControl: false }, async (page) => {
        for (const name of ["Stop", "Run", "Continue"])
          expect(await page.getByRole("button", { name, exact: true }).count()).toBe(0);
        await page.getByText("This workspace is not trusted").waitFor();
      });
  });

  test("takes every text from the table of strings", async () => {
    const strings = Object.fromEntries(
      Object.entries(pageStrings).map(([key, text]) => [key, `«${text}»`]),
    );
    for (const scenario of Object.values(tableScenarios))
      await pages.use({ ...scenario, strings }, async (page) => {
        expect(await untranslated(page)).toEqual([]);
      });
  });

  test("a narrow panel scrolls the table, not the page", async () => {
    await pages.use(
      tableScenarios.finished,
      async (page) => {
        const wide: boolean = await page.evaluate(
          "document.documentElement.scrollWidth > document.documentElement.clientWidth",
        );
        expect(wide).toBe(false);
      },
      { width: 480, height: 800 },
    );
  });
});

describe.skipIf(!hasChromium("a table wider than its page"))("a table wider than its page", () => {
  const pages = usePages<TableScenario>("experiment");
  const scroll = (page: Page, left: number): Promise<void> =>
    page.evaluate(`(document.querySelector(".experiment-table").scrollLeft = ${left}, undefined)`);
  const narrow = { width: 480, height: 800 };

  test("keeps the names of its rows, its title and its caption in view", async () => {
    await pages.use(
      tableScenarios.wide,
      async (page) => {
        const first = page.locator(".experiment-table thead th").first();
        const name = page.getByRole("rowheader", { name: "Zero-shot", exact: true });
        const kept = [
          ...[first, name],
          page.locator(".experiment-table tr.group span"),
          page.locator(".experiment-table caption span"),
        ];
        const places = () => Promise.all(kept.map((each) => each.boundingBox()));
        const look = (what: string): Promise<string> =>
          page.evaluate(
            `getComputedStyle(document.querySelector(".experiment-table tr:not(.group) [scope=row]")).${what}`,
          );
        const before = await places();
        for (const { x, width } of before.slice(1) as { x: number; width: number }[])
          expect(x >= 0 && x + width <= narrow.width).toBe(true);
        expect(await look("boxShadow")).toBe("none");
        await scroll(page, 700);
        await settled(page);
        expect(await places()).toEqual(before);
        expect(await look("boxShadow")).toContain("inset");
        for (const theme of themes) {
          await page.evaluate(`applyTheme(${JSON.stringify(theme)})`);
          await name.hover();
          // What it lies over does not show through, whatever colour the pointer adds.
          expect(await look("backgroundColor")).toMatch(/^rgb\(/);
        }
      },
      narrow,
    );
  });

  test("breaks no name within a word", async () => {
    await pages.use(
      tableScenarios.wide,
      async (page) => {
        const lines: [string, number][] = await page.evaluate(
          `[...document.querySelectorAll(".experiment-table .row-name > span")].map(({ firstChild }) => {
            const range = document.createRange();
            range.selectNodeContents(firstChild);
            return [range.toString(), range.getClientRects().length];
          })`,
        );
        const broken = lines.filter(([, count]) => count > 1);
        expect(lines.map(([name]) => name)).toContain("PromptSRC");
        expect(broken).toEqual([["GLAD alpha 0.25, rho 0.05, lora.rank 16", 2]]);
      },
      narrow,
    );
  });

  test("stays scrolled, and in focus, when other numbers come", async () => {
    await pages.use(tableScenarios.wide, async (page) => {
      await scroll(page, 300);
      await page.locator(".experiment-table").focus();
      const other = { ...tableScenarios.wide.table!, title: "other" };
      await page.evaluate(`tableHost.tabulate(${JSON.stringify(other)})`);
      await page.getByRole("group", { name: /^other/ }).waitFor();
      const table = 'document.querySelector(".experiment-table")';
      expect(await page.evaluate(`${table}.scrollLeft`)).toBe(300);
      expect(await page.evaluate(`${table} === document.activeElement`)).toBe(true);
    });
  });

  test("lies below the list of columns that is open above it", async () => {
    await pages.use(
      tableScenarios.wide,
      async (page) => {
        await page.getByRole("combobox", { name: "Differences of" }).click();
        // Where it is clicked, nothing else may be in front.
        await page.getByRole("option", { name: "UCF101" }).click();
        await page.getByText("in the column UCF101 above zero-shot.").waitFor();
      },
      narrow,
    );
  });

  test("has no differences to zero-shot where the experiment does without it", async () => {
    await pages.use(tableScenarios.alone, async (page) => {
      const heads = await page.locator(".experiment-table thead th").allInnerTexts();
      expect(heads.slice(-2)).toEqual(["Average", "Source"]);
      expect(await page.getByRole("combobox", { name: "Differences of" }).count()).toBe(0);
      expect(await page.locator(".notes").innerText()).not.toContain("vs zero-shot");
    });
  });

  test("has no column of differences to published numbers that none of its methods has", async () => {
    await pages.use(tableScenarios.wide, async (page) => {
      const heads = await page.locator(".experiment-table thead th").allInnerTexts();
      expect(heads.slice(-3)).toEqual(["Average", "vs zero-shot", "Source"]);
      expect(await page.locator(".notes").innerText()).not.toContain("vs published");
    });
  });
});

/** Texts and names with letters that come neither from the strings nor from the data. */
function untranslated(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const isData = (e) => e.closest("h1, .facts dd, .experiment-table, .progress-table, .notes li, .banner, vscode-option, [slot=selected-value], style, script");
    const found = [];
    for (const e of document.body.querySelectorAll("*")) {
      for (const node of e.childNodes)
        if (node.nodeType === 3 && /[a-z]/i.test(node.data) && !node.data.includes("«") && !isData(e)) found.push(node.data);
      for (const name of ["aria-label", "title"]) {
        const text = e.getAttribute(name);
        if (text && !text.includes("«") && !isData(e)) found.push(name + "=" + text);
      }
    }
    return found;
  })()`);
}
