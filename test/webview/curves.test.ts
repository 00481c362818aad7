import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasChromium, host, settled } from "./chromium";
import { kept, posted, summary, usePages } from "./pages";
import type { Scenario } from "./scenario";
import { glad, others, scenario } from "./scenarios";
import { darkPlus } from "./themes";

describe.skipIf(!hasChromium("the curves in a browser"))("the curves of the results page", () => {
  const pages = usePages();
  const one = (): Scenario => scenario([glad], pages.server().pictures);
  const several = (): Scenario => scenario([glad, ...others], pages.server().pictures);
  const legendValue = (page: Page, chart: string, curve: string): Promise<string> =>
    page.locator(`[data-chart=${chart}] [data-curve=${curve}] .key-value`).innerText();

  test("draws all curves and says in words what they show", async () => {
    await pages.use(one(), async (page) => {
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
      const accuracies = ["base", "novel", "harmonic", "all"];
      const keys = await page.locator("[data-chart=accuracy] .key").all();
      expect(await Promise.all(keys.map((key) => key.getAttribute("data-curve")))).toEqual(
        accuracies,
      );
    });
  });

  test("draws a colour that its theme made translucent in full", async () => {
    // As VS Code 1.139 has it in Dark Modern.
    const variables = { ...darkPlus.variables, "charts-orange": "rgba(234, 92, 0, 0.33)" };
    await pages.use(one(), async (page) => {
      await page.evaluate(`applyTheme(${JSON.stringify({ ...darkPlus, variables })})`);
      await settled(page);
      const orange = page.locator('[data-chart=loss] line[stroke="#ea5c00"]');
      await orange.waitFor({ state: "attached" });
    });
  });

  test("says what its signs mean, of those that are there", async () => {
    const signs = (page: Page): Promise<string> => page.locator(".marks-key").innerText();
    await pages.use(one(), async (page) => {
      expect((await signs(page)).split("\n")).toEqual(["checkpoint", "resumed", "zero-shot"]);
    });
    const plain = { ...glad, events: { steps: 30, of: 60 } };
    await pages.use(scenario([plain], []), async (page) => {
      expect(await page.locator(".marks-key li:visible").count()).toBe(0);
    });
  });

  test("compares several runs by the mean of both halves", async () => {
    await pages.use(several(), async (page) => {
      const pressed = page.locator("[data-chart=accuracy] .key[aria-pressed=true]");
      expect(await pressed.allInnerTexts()).toEqual(["Harmonic mean"]);
    });
  });

  test("shows a first step as a dot", async () => {
    const first = { ...glad, events: { steps: 1, of: 60 } };
    await pages.use(scenario([first], []), async (page) => {
      const blue = await page.evaluate(`(() => {
        const canvas = document.querySelector("[data-chart=loss] canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let pixels = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i] === 0x37 && data[i + 1] === 0x94 && data[i + 2] === 0xff) pixels++;
        return pixels;
      })()`);
      expect(blue).toBeGreaterThan(4);
    });
  });

  test("shows new points, at most ten times a second", async () => {
    await pages.use(scenario([{ ...glad, taken: 40 }], []), async (page) => {
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
    await pages.use(scenario([{ ...glad, taken: 713 }], []), async (page) => {
      expect(await summary(page, "loss")).toContain("at step 700;");
      await host(page, 'grow("glad", 21)');
      await settled(page);
      expect(await summary(page, "loss")).toContain("at step 620;");
    });
  });

  test("zooms by a box for all charts and back by a double click", async () => {
    await pages.use(one(), async (page) => {
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
    await pages.use(one(), async (page) => {
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

  test("the axis of a cosine ends at 1, and that of accuracies at 100", async () => {
    const exact = { ...glad, events: { ...glad.events, steps: 2_000, gain: 2.4 } };
    await pages.use(scenario([exact], pages.server().pictures), async (page) => {
      for (const chart of ["cosine", "accuracy"]) {
        const over = page.locator(`[data-chart=${chart}] .u-over`);
        await over.scrollIntoViewIfNeeded();
        const plot = (await over.boundingBox())!;
        await page.mouse.move(plot.x + plot.width * 0.25, plot.y + 1);
        await page.mouse.down();
        await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 80, { steps: 5 });
        await page.mouse.up();
        await settled(page);
      }
      const { cosine, accuracy } = (await kept(page)).yRanges;
      expect(cosine![1]).toBeLessThanOrEqual(1);
      expect(cosine![1]).toBeGreaterThan(0.97);
      expect(accuracy![1]).toBeLessThanOrEqual(100);
      expect(accuracy![1]).toBeGreaterThan(90);
    });
  });

  test("moves one cursor in all charts with the pointer", async () => {
    await pages.use(one(), async (page) => {
      const newest = await legendValue(page, "norms", "gradientNorm");
      const plot = (await page.locator("[data-chart=loss] .u-over").boundingBox())!;
      await page.mouse.move(plot.x + 20, plot.y + 80);
      await page.mouse.move(plot.x + plot.width / 2, plot.y + 80);
      await settled(page);
      expect(await legendValue(page, "norms", "gradientNorm")).not.toBe(newest);
      for (const chart of ["loss", "cosine"])
        expect(await page.locator(`[data-chart=${chart}] .chart-place`).innerText()).toMatch(
          /^step (59|60)\d · resumed$/,
        );
      expect(await page.locator("[data-chart=norms] .dot:visible").count()).toBe(3);
      await page.mouse.move(0, 0);
      await settled(page);
      expect(await legendValue(page, "norms", "gradientNorm")).toBe(newest);
    });
  });

  test("can be read and zoomed by the keyboard alone", async () => {
    await pages.use(one(), async (page) => {
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
      expect(await place.innerText()).not.toContain("step 1,200");
      await page.keyboard.press("ArrowRight");
      await settled(page);
      expect(await place.innerText()).toBe("step 1,200 · checkpoint");
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

  test("switches axis, scale and curves, and restores all of it after a reload", async () => {
    await pages.use(one(), async (page) => {
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

  test("shows the numbers behind a chart, exactly", async () => {
    await pages.use(one(), async (page) => {
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
    await pages.use(several(), async (page) => {
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
});
