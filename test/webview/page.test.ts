import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PageMessage, PageState } from "../../src/protocol/page";
import { hasChromium, host, openBrowser, openPage, settled, type OpenPage } from "./chromium";
import { servePage, type PageServer } from "./pageServer";
import type { Scenario } from "./scenario";
import { failed, glad, others, scenario } from "./scenarios";

describe.skipIf(!hasChromium("the results page in a browser"))("the results page", () => {
  let server: PageServer;
  let browser: BrowserContext;
  let close: () => Promise<void>;
  beforeAll(async () => {
    server = await servePage();
    ({ browser, close } = await openBrowser());
  });
  afterAll(async () => {
    await close();
    server.close();
  });

  /** Opens the page; at its end nothing may have gone wrong in it. */
  async function inPage(
    what: Scenario,
    use: (page: Page) => Promise<void>,
    size?: { width: number; height: number },
  ): Promise<void> {
    const { page, problems }: OpenPage = await openPage(browser, server.url, what, size);
    try {
      await settled(page);
      await use(page);
      await settled(page);
      expect(problems).toEqual([]);
    } finally {
      await page.close();
    }
  }
  const one = (): Scenario => scenario([glad], server.pictures);
  const several = (): Scenario => scenario([glad, ...others], server.pictures);
  const posted = <T extends PageMessage["type"]>(page: Page, type: T) =>
    page.evaluate(
      `gladHost.posted.filter(({ type }) => type === ${JSON.stringify(type)})`,
    ) as Promise<Extract<PageMessage, { type: T }>[]>;
  const kept = (page: Page): Promise<PageState> =>
    page.evaluate("JSON.parse(sessionStorage.getItem('glad-state'))");
  const legendValue = (page: Page, chart: string, curve: string): Promise<string> =>
    page.locator(`[data-chart=${chart}] [data-curve=${curve}] .key-value`).innerText();
  const summary = (page: Page, chart: string): Promise<string | null> =>
    page.locator(`[data-chart=${chart}] .plot`).getAttribute("aria-label");

  test("runs under the strict policy, every tab of it, without a complaint", async () => {
    await inPage(several(), async (page) => {
      const policy = await page
        .locator("meta[http-equiv=Content-Security-Policy]")
        .getAttribute("content");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain("unsafe");
      for (const tab of ["accuracy", "mistakes", "config", "curves"]) {
        await page.locator(`#tab-${tab}`).click();
        await settled(page);
      }
      expect(await page.locator(".chart canvas").count()).toBe(6);
    });
  });

  test("draws all curves and says in words what they show", async () => {
    await inPage(one(), async (page) => {
      for (const chart of ["loss", "norms", "accuracy", "sharpness", "cosine", "learningRate"]) {
        const painted = await page.evaluate(`(() => {
          const canvas = document.querySelector("[data-chart=${chart}] canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set();
          for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(data[i] + "," + data[i + 1] + "," + data[i + 2]);
          return colours.size;
        })()`);
        expect(painted).toBeGreaterThan(3);
      }
      expect(await summary(page, "loss")).toMatch(
        /^Loss\. Loss: [\d.]+ at step 1,200; lowest [\d.]+ at step [\d,]+, highest [\d.]+ at step [\d,]+; level\. Perturbed loss: /,
      );
      expect(await summary(page, "accuracy")).toMatch(/Base classes: 97\.\d\d at step 1,200/);
    });
  });

  test("shows new points, at most ten times a second", async () => {
    await inPage(scenario([{ ...glad, taken: 40 }], []), async (page) => {
      const before = await summary(page, "loss");
      await page.evaluate(`(() => {
        const plot = document.querySelector("[data-chart=loss] .plot");
        window.drawings = 0;
        new MutationObserver(() => window.drawings++).observe(plot, { attributeFilter: ["aria-label"] });
      })()`);
      // 40 appends in about 400 ms.
      await page.evaluate(`new Promise((done) => {
        let left = 40;
        const timer = setInterval(() => {
          gladHost.grow("glad", 1);
          if (--left === 0) { clearInterval(timer); setTimeout(done, 250); }
        }, 10);
      })`);
      expect(await summary(page, "loss")).not.toBe(before);
      expect(await summary(page, "loss")).toContain("at step 76");
      // The sandbox's timers may run late, which gives more time and so more drawings; 40 would be one for each.
      expect(await page.evaluate("window.drawings")).toBeLessThan(20);
      expect(await page.locator(".fact dd").first().innerText()).toBe("76 of 2,000");
    });
  });

  test("takes what a resumption redid, and marks it", async () => {
    // The 713th event is that of step 700, the next the resumption at step 600.
    await inPage(scenario([{ ...glad, taken: 713 }], []), async (page) => {
      expect(await summary(page, "loss")).toContain("at step 700;");
      await host(page, 'grow("glad", 21)');
      await settled(page);
      expect(await summary(page, "loss")).toContain("at step 620;");
    });
  });

  test("zooms by a box for all charts and back by a double click", async () => {
    await inPage(one(), async (page) => {
      const plot = (await page.locator("[data-chart=loss] .u-over").boundingBox())!;
      await page.mouse.move(plot.x + plot.width * 0.25, plot.y + 60);
      await page.mouse.down();
      await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 62, { steps: 5 });
      await page.mouse.up();
      await settled(page);
      const { range } = (await kept(page)).view;
      expect(range![0]).toBeGreaterThan(270);
      expect(range![0]).toBeLessThan(330);
      expect(range![1]).toBeGreaterThan(570);
      expect(range![1]).toBeLessThan(630);
      const asked = (await posted(page, "window")).at(-1)!;
      expect(asked.view.range).toEqual(range);
      expect(await summary(page, "norms")).not.toContain("at step 1,200");
      await page.locator("[data-chart=norms] .u-over").dblclick();
      await settled(page);
      expect((await kept(page)).view.range).toBeNull();
      expect(await summary(page, "norms")).toContain("at step 1,200");
    });
  });

  test("a box that is high enough zooms its own chart vertically too", async () => {
    await inPage(one(), async (page) => {
      const plot = (await page.locator("[data-chart=loss] .u-over").boundingBox())!;
      await page.mouse.move(plot.x + plot.width * 0.25, plot.y + 20);
      await page.mouse.down();
      await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 100, { steps: 5 });
      await page.mouse.up();
      await settled(page);
      expect(Object.keys((await kept(page)).yRanges)).toEqual(["loss"]);
      await page.getByRole("button", { name: "Reset Zoom" }).click();
      await settled(page);
      const { yRanges, view } = await kept(page);
      expect([yRanges, view.range]).toEqual([{}, null]);
    });
  });

  test("moves one cursor in all charts with the pointer", async () => {
    await inPage(one(), async (page) => {
      const newest = await legendValue(page, "norms", "gradientNorm");
      const plot = (await page.locator("[data-chart=loss] .u-over").boundingBox())!;
      await page.mouse.move(plot.x + 20, plot.y + 80);
      await page.mouse.move(plot.x + plot.width / 2, plot.y + 80);
      await settled(page);
      expect(await legendValue(page, "norms", "gradientNorm")).not.toBe(newest);
      for (const chart of ["loss", "cosine"])
        expect(await page.locator(`[data-chart=${chart}] .chart-place`).innerText()).toMatch(
          /^step (59|60)\d$/,
        );
      expect(await page.locator("[data-chart=norms] .dot:visible").count()).toBe(3);
      await page.mouse.move(0, 0);
      await settled(page);
      expect(await legendValue(page, "norms", "gradientNorm")).toBe(newest);
    });
  });

  test("can be read and zoomed by the keyboard alone", async () => {
    await inPage(one(), async (page) => {
      const place = page.locator("[data-chart=loss] .chart-place");
      const live = page.getByRole("log");
      await page.locator("[data-chart=loss] .plot").focus();
      await page.keyboard.press("Home");
      await settled(page);
      expect(await place.innerText()).toBe("step 1");
      expect(await live.innerText()).toMatch(/^step 1: Loss [\d.]+, Perturbed loss [\d.]+$/);
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowLeft");
      await settled(page);
      expect(await place.innerText()).not.toBe("step 1,200");
      await page.keyboard.press("ArrowRight");
      await settled(page);
      expect(await place.innerText()).toBe("step 1,200");
      await page.keyboard.press("PageDown");
      await settled(page);
      expect(await place.innerText()).toMatch(/^step 1,0\d\d$/);
      await page.keyboard.press("+");
      await settled(page);
      const [from, to] = (await kept(page)).view.range!;
      expect(to - from).toBeLessThan(700);
      await page.keyboard.press("0");
      await settled(page);
      expect((await kept(page)).view.range).toBeNull();
      await page.keyboard.press("Escape");
      await settled(page);
      expect(await place.innerText()).toBe("");
    });
  });

  test("reaches every control by Tab, each with a name", async () => {
    await inPage(several(), async (page) => {
      const names: string[] = [];
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press("Tab");
        const name = await page.evaluate(`(() => {
          const e = document.activeElement;
          if (!e || e === document.body) return null;
          const label = e.labels && e.labels[0] && e.labels[0].textContent;
          return (e.getAttribute("aria-label") || label || e.textContent || "").trim();
        })()`);
        if (name === null) break;
        names.push(name as string);
      }
      expect(names).not.toContain("");
      for (const wanted of [
        "Pause",
        "Stop",
        "Checkpoint",
        "Evaluate",
        "Add Run",
        "Smoothing",
        "Save CSV",
      ])
        expect(names).toContain(wanted);
      expect(names.filter((name) => name.startsWith("Loss.")).length).toBe(1);
    });
  });

  test("switches axis, scale and curves, and restores all of it after a reload", async () => {
    await inPage(one(), async (page) => {
      await page.locator("vscode-dropdown").first().click();
      await page.getByRole("option", { name: "Time" }).click();
      await settled(page);
      expect(await summary(page, "loss")).toMatch(/at 2:\d\d;/);
      await page.getByText("Log scale").click();
      await page.locator("[data-chart=norms] [data-curve=samGradientNorm]").click();
      await page.locator("#smoothing").focus();
      await page.keyboard.press("End");
      await settled(page);
      await page.locator("[data-chart=loss] .plot").focus();
      await page.keyboard.press("+");
      await settled(page);
      await page.getByRole("button", { name: "Show Sharpness as table" }).click();
      await settled(page);
      const before = await kept(page);
      expect(before).toMatchObject({
        view: { axis: "time", smoothing: 0.999 },
        logarithmic: true,
        toggled: ["samGradientNorm"],
        tables: ["sharpness"],
        runs: ["glad"],
        active: "glad",
      });
      const seen = await summary(page, "loss");

      await page.reload();
      await settled(page);
      await settled(page);
      expect(await kept(page)).toEqual(before);
      expect(await summary(page, "loss")).toBe(seen);
      const { state } = (await posted(page, "ready"))[0]!;
      expect(state).toEqual(before);
      expect(await page.locator("#smoothing").inputValue()).toBe("100");
      expect(await page.locator("[data-chart=sharpness] table").count()).toBe(1);
      expect(
        await page
          .locator("[data-chart=norms] [data-curve=samGradientNorm]")
          .getAttribute("aria-pressed"),
      ).toBe("false");
    });
  });

  test("keeps the chosen tab and runs after a reload", async () => {
    await inPage(several(), async (page) => {
      await page.locator("#tab-config").click();
      await page.getByTitle("Show sam in the header").click();
      await page.getByRole("button", { name: "Remove plain-lora from this panel" }).click();
      await settled(page);
      await page.reload();
      await settled(page);
      expect(await page.locator("h1").first().innerText()).toBe("sam");
      expect(await page.locator(".run-name").allInnerTexts()).toEqual(["glad", "sam"]);
      expect(await page.locator("#tab-config").getAttribute("aria-selected")).toBe("true");
      expect((await kept(page)).colours).toEqual({ glad: 0, sam: 2 });
    });
  });

  test("shows the numbers behind a chart, exactly", async () => {
    await inPage(one(), async (page) => {
      await page.getByRole("button", { name: "Show Loss as table" }).click();
      await settled(page);
      const table = page.locator("[data-chart=loss] table");
      expect(await table.locator("caption").innerText()).toBe("Loss: 50 of 1,200 recorded steps");
      expect(await table.locator("thead th").allInnerTexts()).toEqual([
        "Step",
        "Time",
        "Loss",
        "Perturbed loss",
      ]);
      expect(await table.locator("tbody tr").last().locator("th").innerText()).toBe("1,200");
      expect(await page.locator("[data-chart=loss] .plot").isVisible()).toBe(false);
      await page.getByRole("button", { name: "Show Loss as curve" }).click();
      await settled(page);
      expect(await page.locator("[data-chart=loss] .plot").isVisible()).toBe(true);
    });
  });

  test("saves a chart as a picture and the numbers as a file through the host", async () => {
    await inPage(several(), async (page) => {
      await page.getByRole("button", { name: "Save Loss as picture" }).click();
      await page.getByRole("button", { name: "Save CSV" }).click();
      await settled(page);
      const head = await page.evaluate(
        "Array.from(gladHost.posted.find(({ type }) => type === 'exportPng').png.slice(0, 8))",
      );
      expect(head).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
      expect(await posted(page, "exportCsv")).toEqual([
        { type: "exportCsv", runs: ["glad", "plain-lora", "sam"], what: "curves" },
      ]);
    });
  });

  test("asks for what its buttons say, and says that it was asked", async () => {
    await inPage(one(), async (page) => {
      for (const name of ["Checkpoint", "Evaluate", "Pause"])
        await page.getByRole("button", { name, exact: true }).click();
      expect(await posted(page, "control")).toEqual([
        { type: "control", run: "glad", action: "checkpoint" },
        { type: "control", run: "glad", action: "evaluate" },
        { type: "control", run: "glad", action: "pause" },
      ]);
      await settled(page);
      expect(await page.getByText("It happens after the current step").isVisible()).toBe(true);
      await host(page, 'setState("glad", "paused")');
      await settled(page);
      expect(await page.getByRole("button", { name: "Continue" }).isVisible()).toBe(true);
      expect(await page.getByText("It happens after the current step").isVisible()).toBe(false);
      expect(await page.getByRole("log").innerText()).toBe("glad: Paused.");
    });
  });

  test("says why a run failed and offers what can be done", async () => {
    await inPage(scenario([failed], []), async (page) => {
      const alert = page.getByRole("alert");
      expect(await alert.innerText()).toContain("The run failed at step 1,200");
      expect(await alert.innerText()).toContain("The device was lost: the driver was reset.");
      expect(await alert.innerText()).toContain("Resume from the last checkpoint");
      await alert.getByRole("button", { name: "Open Log" }).click();
      await alert.getByRole("button", { name: "Resume" }).click();
      expect(await posted(page, "open")).toEqual([
        { type: "open", run: "failed-run", what: "log" },
      ]);
      expect(await posted(page, "control")).toEqual([
        { type: "control", run: "failed-run", action: "resume" },
      ]);
      await page.getByText("1 warning").click();
      expect(await page.getByText("2 images could not be read").isVisible()).toBe(true);
    });
  });

  test("starts and stops nothing where the workspace is not trusted", async () => {
    await inPage(scenario([failed], [], { mayControl: false }), async (page) => {
      expect(await page.getByText("This workspace is not trusted").isVisible()).toBe(true);
      expect(await page.getByRole("button", { name: "Resume" }).count()).toBe(0);
      expect(await page.getByRole("button", { name: "Open Log" }).count()).toBe(1);
    });
  });

  test("puts accuracies beside zero-shot with their difference", async () => {
    await inPage(one(), async (page) => {
      await page.locator("#tab-accuracy").click();
      await settled(page);
      const rows = page.locator(".split-table tbody tr");
      const texts = await Promise.all(
        (await rows.all()).map((row) => row.locator("th, td").allInnerTexts()),
      );
      expect(texts.map(([split]) => split)).toEqual([
        "Base classes",
        "Novel classes",
        "Harmonic mean",
        "All classes",
      ]);
      const [base] = texts;
      expect(base![2]).toBe("94.19");
      expect(base![3]).toBe(`+${(Number(base![1]) - 94.19).toFixed(2)}`);
      expect(base![4]).toMatch(/^1,5\d\d \/ 1,549$/);
      const [b, n] = [texts[0]!, texts[1]!].map((row) => Number(row[1]));
      expect(Number(texts[2]![1])).toBeCloseTo((2 * b! * n!) / (b! + n!), 1);
      expect(await page.locator(".better").first().isVisible()).toBe(true);
    });
  });

  test("lists classes by how much they changed, and finds them by name", async () => {
    await inPage(one(), async (page) => {
      await page.locator("#tab-accuracy").click();
      await settled(page);
      const changes = async (): Promise<number[]> =>
        (await page.locator(".classes .change").allInnerTexts()).map((text) =>
          Number(text.replace("±", "").replace("−", "-")),
        );
      const ascending = await changes();
      expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
      await page.locator(".sort", { hasText: "Change" }).click();
      expect(await changes()).toEqual(ascending.toReversed());
      expect(await page.locator(".classes [aria-sort=descending]").innerText()).toBe("Change");
      await page.getByRole("textbox", { name: "Filter classes" }).fill("cr");
      expect((await page.locator(".classes tbody th").allInnerTexts()).toSorted()).toEqual([
        "crab",
        "crayfish",
        "crocodile head",
      ]);
    });
  });

  test("shows the mistakes with pictures and what was thought, page by page", async () => {
    await inPage(one(), async (page) => {
      await page.locator("#tab-mistakes").click();
      await settled(page);
      expect(await page.locator(".confusion").count()).toBe(12);
      expect(await page.locator(".gallery > li").count()).toBe(24);
      const first = page.locator(".gallery > li").first();
      expect(await first.locator(".guess").count()).toBe(3);
      await page.getByRole("button", { name: "Show More" }).click();
      await settled(page);
      expect(await page.locator(".gallery > li").count()).toBe(48);
      await first.getByRole("button").click();
      expect((await posted(page, "openImage"))[0]!.run).toBe("glad");
      await page.locator("vscode-dropdown[aria-label=Class]").click();
      await page.getByRole("option", { name: "crab" }).click();
      await settled(page);
      const labels = await page.locator(".mistake-label").allInnerTexts();
      expect(new Set(labels)).toEqual(new Set(["is crab"]));
    });
  });

  test("compares runs: curves in their colours, best values, and where configurations differ", async () => {
    await inPage(several(), async (page) => {
      const strokes = await page
        .locator("[data-chart=loss] .legend-run line")
        .evaluateAll((lines) => lines.map((line) => line.getAttribute("stroke")));
      expect(strokes).toEqual(["#3794ff", "#d18616", "#89d185"]);
      await page.locator("#tab-accuracy").click();
      await settled(page);
      const best = await page.locator(".split-table tbody tr").first().locator(".best").innerText();
      const values = await page
        .locator(".split-table tbody tr")
        .first()
        .locator("td")
        .allInnerTexts();
      const numbers = values.slice(0, 3).map((text) => parseFloat(text.replace("★", "")));
      expect(parseFloat(best.replace("★", ""))).toBe(Math.max(...numbers));
      await page.locator("#tab-config").click();
      await settled(page);
      const rows = await page.locator(".config tbody tr").all();
      expect(await Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()))).toEqual([
        ["lora.rank", "2", "8", "2"],
        ["glad.alpha", "0.5", "0", "1"],
      ]);
      await host(page, 'select(["sam"])');
      await settled(page);
      expect(await page.locator("h1").first().innerText()).toBe("sam");
      expect(await page.locator(".run-list").isVisible()).toBe(false);
    });
  });

  test("says what it waits for: a step, a choice, the editor", async () => {
    const fresh = { ...glad, events: { steps: 0, of: 10 }, state: "starting" as const };
    await inPage(scenario([fresh], []), async (page) => {
      expect(await page.getByText("Waiting for the first step").isVisible()).toBe(true);
    });
    await inPage(scenario([], []), async (page) => {
      await page.getByRole("button", { name: "Choose Runs" }).click();
      expect(await posted(page, "pickRuns")).toHaveLength(1);
    });
    await inPage(scenario([glad], [], { silent: true }), async (page) => {
      await page.getByRole("button", { name: "Try Again" }).click({ timeout: 10_000 });
      expect(await posted(page, "ready")).toHaveLength(2);
    });
  });

  test("fits a panel of 400 pixels", async () => {
    await inPage(
      several(),
      async (page) => {
        for (const tab of ["curves", "accuracy", "mistakes", "config"]) {
          await page.locator(`#tab-${tab}`).click();
          await settled(page);
          const wide = await page.evaluate("document.documentElement.scrollWidth");
          expect(wide).toBeLessThanOrEqual(400);
        }
      },
      { width: 400, height: 900 },
    );
  });
});
