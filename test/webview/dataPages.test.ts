import type { BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import { dataPageStrings } from "../../src/protocol/dataPageStrings";
import { hasChromium, openBrowser, type OpenPage, openPage, settled } from "./chromium";
import { addressesTried, check, type DataScenario, sheet, split } from "./dataScenarios";
import { faults, testInThemes } from "./inThemes";
import { servePage, type PageServer } from "./pageServer";
import { darkPlus } from "./themes";

describe.skipIf(!hasChromium("the data pages in a browser"))("the data pages", () => {
  let server: PageServer;
  let opened: { browser: BrowserContext; close(): Promise<void> };
  let pictures: string[];

  beforeAll(async () => {
    server = await servePage();
    opened = await openBrowser();
    pictures = server.pictures.length > 0 ? server.pictures : await drawnPictures();
    // The first page of a browser takes seconds on a busy machine; it shall not be on a test's account.
    const first = await opened.browser.newPage();
    await first.goto(server.url, { timeout: 100_000 });
    await first.close();
  });
  afterAll(async () => {
    await opened?.close();
    server?.close();
  });

  function open(messages: DataHostMessage[], more: Partial<DataScenario>): Promise<OpenPage> {
    const scenario: DataScenario = { theme: darkPlus, messages, pictures, ...more };
    return openPage(opened.browser, `${server.url}data`, scenario);
  }

  /** Opens a page on what the host sends and lets a test use it; at its end nothing may have gone wrong in it. */
  async function use(
    messages: DataHostMessage[],
    look: (page: Page) => Promise<void>,
    more: Partial<DataScenario> = {},
  ): Promise<void> {
    const { page, problems } = await open(messages, more);
    try {
      await settled(page);
      await look(page);
      await settled(page);
      expect(problems).toEqual([]);
    } finally {
      await page.close();
    }
  }

  describe("a contact sheet", () => {
    test("shows pictures by part under the strict policy, and keeps what it shows over a reload", () =>
      use([sheet(6)], async (page) => {
        const policy = await page
          .locator("meta[http-equiv=Content-Security-Policy]")
          .getAttribute("content");
        expect(policy).toContain("default-src 'none'");
        expect(policy).not.toContain("unsafe");
        expect(await page.locator("h2").allInnerTexts()).toEqual([
          "Training",
          "Validation",
          "Test",
        ]);
        await expect.poll(() => loadedPictures(page)).toBe(10);
        const alt = await page.locator(".tile img").first().getAttribute("alt");
        expect(alt).toBe("airplane, 1 of 6 in Training: train_0000.jpg");
        const kept = await page.evaluate("JSON.parse(sessionStorage.getItem('glad-data-state'))");
        expect(kept).toMatchObject({ source: { page: "class", dataset: "caltech101", label: 4 } });
      }));

    test("makes tiles and asks for thumbnails only where one looks, of thousands of images", () =>
      use([sheet(6000)], async (page) => {
        const tiles = (): Promise<number> => page.locator(".tile").count();
        const wanted = async (): Promise<number> =>
          (await posted(page, "want")).reduce((sum, { images }) => sum + images.length, 0);
        // 200 of each part, of which those far below the window have no picture yet.
        expect(await tiles()).toBeLessThanOrEqual(600);
        expect(await wanted()).toBeLessThan(400);
        expect(await wanted()).toBeGreaterThan(30);
        const before = await tiles();
        await page.locator(".tiles").first().locator("li").last().scrollIntoViewIfNeeded();
        await expect.poll(tiles).toBeGreaterThan(before);
        expect(await tiles()).toBeLessThan(2000);
        const all = (await posted(page, "want")).flatMap(({ images }) => images);
        expect(new Set(all.map(({ path }) => path)).size).toBe(all.length);
      }));

    test("is walked by arrow keys, and Enter opens an image", () =>
      use([sheet(40)], async (page) => {
        await page.keyboard.press("Tab");
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
        await page.keyboard.press("End");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        const paths = (await posted(page, "openImage")).map(({ path }) => path.split("/")[1]);
        const columns = Number(/train_(\d+)/.exec(paths[0]!)![1]) - 1;
        expect(columns).toBeGreaterThan(3);
        expect(paths.slice(1)).toEqual(["train_0039.jpg", "val_0000.jpg"]);
      }));

    test("says which images cannot be read, and why", () =>
      use(
        [sheet(6)],
        async (page) => {
          const tile = page.getByRole("button", { name: /train_0002\.jpg: it is cut off$/ });
          await expect.poll(() => tile.count()).toBe(1);
          expect(await page.getByRole("status").innerText()).toBe(
            "1 image shown so far cannot be read.",
          );
        },
        { unreadable: ["airplanes/train_0002.jpg"] },
      ));
  });

  describe("a split", () => {
    test("counts the images of each class in each split, filters, and opens a class", () =>
      use([split()], async (page) => {
        const heads = await page.locator("thead th").allInnerTexts();
        expect(heads).toEqual([
          "Class",
          "Training",
          "Validation",
          "Test, base classes",
          "Test, novel classes",
        ]);
        const rows = page.locator("tbody tr");
        expect((await rows.nth(0).innerText()).split("\t")).toEqual([
          "All classes (16)",
          "135",
          "39",
          "9,879",
          "247",
        ]);
        expect((await rows.nth(1).innerText()).split("\t").slice(0, 4)).toEqual([
          "ant",
          "16",
          "4",
          "1,234",
        ]);
        await page.getByRole("textbox").fill("EA");
        await settled(page);
        expect(await rows.count()).toBe(3);
        expect(await page.getByRole("status").innerText()).toBe("2 of 16 classes");
        await page.getByRole("button", { name: "Show the images of eagle" }).click();
        expect(await posted(page, "openClass")).toEqual([{ type: "openClass", name: "eagle" }]);
      }));
  });

  describe("a check", () => {
    test("tells its progress, is cancelled and begun again, and keeps what was opened", () =>
      use([check("running")], async (page) => {
        await send(page, {
          type: "progress",
          progress: { dataset: "dtd", title: "DTD", done: 1200, total: 5640 },
          strings: {},
        });
        await settled(page);
        expect(await page.getByText("DTD: image 1,200 of 5,640").isVisible()).toBe(true);
        const bar = page.getByRole("progressbar");
        expect([await bar.getAttribute("value"), await bar.getAttribute("max")]).toEqual([
          "1200",
          "5640",
        ]);
        await page.getByRole("button", { name: "Cancel" }).click();
        expect(await posted(page, "cancel")).toHaveLength(1);
        await send(page, { ...check("cancelled"), reports: [], absent: [] });
        await settled(page);
        expect(await page.getByRole("status").innerText()).toBe("The check was cancelled.");
        await send(page, check("cancelled"));
        await settled(page);
        expect(await page.getByText("what was found until then stands below").isVisible()).toBe(
          true,
        );
        expect(await bar.isVisible()).toBe(false);
        await page.getByRole("button", { name: "Check Again" }).click();
        expect(await posted(page, "check")).toHaveLength(1);
      }));

    test("puts counts beside the published ones, the worst first, with images that open", () =>
      use([check("done")], async (page) => {
        const dtd = page.getByRole("region", { name: "DTD" });
        expect(await dtd.getByText("CLIP-LoRA's layout").isVisible()).toBe(true);
        expect(await dtd.getByText("To be mended before training").isVisible()).toBe(true);
        expect((await dtd.locator("tbody tr").last().innerText()).split("\t")[0]).toBe("Test");
        expect(await dtd.locator("tbody tr").last().innerText()).toContain("not as published");
        expect(await dtd.locator(".finding").first().innerText()).toContain("2 images of 5638");
        await dtd.getByText("Images: 1").click();
        await dtd.getByRole("button", { name: "dotted/b.jpg" }).click();
        await dtd.getByRole("button", { name: "Show Folder" }).click();
        expect(await posted(page, "openFound")).toEqual([
          { type: "openFound", report: 1, path: "dotted/b.jpg" },
        ]);
        expect(await posted(page, "reveal")).toEqual([{ type: "reveal", report: 1 }]);
      }));

    test("marks addresses as dead or alive, and only the living are links", () =>
      use([check("done")], async (page) => {
        const dtd = page.getByRole("region", { name: "DTD" });
        const texts = await dtd.locator(".download").allInnerTexts();
        expect(texts.map((text) => text.replace(/\s+/g, " "))).toEqual([
          "images, dtd-r1.0.1.tar.gz alive https://example.org/dtd.tar.gz",
          "split_zhou_DescribableTextures.json not tried https://example.org/split",
          "an older address dead http://example.org/gone.tgz",
        ]);
        expect(await dtd.getByRole("link").count()).toBe(2);
        await page.getByText("SUN397", { exact: true }).click();
        expect(await page.getByText("http://example.org/SUN397.tar.gz").isVisible()).toBe(true);
      }));

    test("tries addresses when asked to, and shows their answers where they stood", () =>
      use([check("done")], async (page) => {
        const sun = page.getByText("SUN397", { exact: true });
        await sun.click();
        const button = page.getByRole("button", { name: "Try Addresses" });
        await button.focus();
        await button.press("Enter");
        expect(await posted(page, "tryAddresses")).toHaveLength(1);
        await send(page, check("done", { trying: true }));
        await settled(page);
        expect(await page.getByRole("status").innerText()).toBe("Trying the addresses");
        await send(page, addressesTried());
        await settled(page);
        const texts = await page.locator(".download:visible").allInnerTexts();
        expect(texts.map((text) => text.replace(/\s+/g, " "))).toEqual([
          "images, dtd-r1.0.1.tar.gz dead HTTP 404 https://example.org/dtd.tar.gz",
          "split_zhou_DescribableTextures.json unclear HTTP 403 https://example.org/split",
          "an older address alive HTTP 200 http://example.org/gone.tgz",
          "images dead HTTP 404 http://example.org/SUN397.tar.gz",
          "a mirror unclear HTTP 403 https://example.org/sun397",
        ]);
        expect(await page.getByText("Addresses were tried on 26/11/2026, 10:00:00.").count()).toBe(
          2,
        );
        const focused = () => page.evaluate("document.activeElement.textContent");
        expect(await focused()).toBe("Try Addresses");

        // A second trial that comes to nothing leaves the first one's answers, and the focus, where they are.
        await page.getByRole("link", { name: "http://example.org/gone.tgz" }).focus();
        await send(page, addressesTried({ trying: true }));
        await send(page, addressesTried({ problem: "none of 30 answered" }));
        await settled(page);
        expect(await page.getByRole("alert").innerText()).toBe(
          "The addresses could not be tried: none of 30 answered",
        );
        expect(await page.locator(".download:visible").allInnerTexts()).toEqual(texts);
        expect(await focused()).toBe("http://example.org/gone.tgz");

        // A check that is made again shows its first report, whatever stood there before.
        await send(page, check("running"));
        await settled(page);
        expect(await page.getByRole("region").count()).toBe(1);
      }));

    test("that has nothing to fetch, or may not run, has no addresses to try", async () => {
      const { reports } = check("running");
      for (const message of [
        { ...check("done"), mayRun: false },
        { ...check("done"), reports, absent: [] },
        check("running"),
      ])
        await use([message], async (page) => {
          expect(await page.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
          expect(await page.getByRole("button", { name: "Try Addresses" }).isVisible()).toBe(false);
        });
    });

    test("that could not be made says why", () =>
      use([check("failed")], async (page) => {
        expect(await page.getByRole("alert").innerText()).toContain("/data does not exist");
      }));
  });

  describe("in every theme", () => {
    const waiting: DataHostMessage = { type: "waiting", source: source(), title: "x", strings: {} };
    const refused: DataHostMessage = {
      type: "failed",
      source: source(),
      title: "airplane",
      message: "data.root: /data does not exist",
      strings: {},
    };
    describe.each([
      ["sheet", [sheet(30)]],
      ["split", [split()]],
      ["check running", [check("running")]],
      ["check done, addresses tried", [addressesTried()]],
      ["check failed", [check("failed")]],
      ["nothing yet", [check("none")]],
      ["waiting", [waiting]],
      ["failed", [refused]],
    ])("%s", (name, messages) => {
      testInThemes(
        async (theme) => {
          const unreadable = ["airplanes/train_0002.jpg"];
          const opened = await open(messages, { theme, unreadable });
          await settled(opened.page);
          for (const details of await opened.page.locator("summary").all()) await details.click();
          return opened;
        },
        async (page, theme) => expect(await faults(page, `data-${theme.name}-${name}`)).toEqual([]),
      );
    });
  });

  test("take every text from the table of strings", async () => {
    const strings = Object.fromEntries(
      Object.entries(dataPageStrings).map(([key, text]) => [key, `«${text}»`]),
    );
    for (const messages of [[sheet(6)], [check("running")], [check("none")], [check("cancelled")]])
      await use(
        messages,
        async (page) => {
          const texts = await page
            .locator("h2, button:not(.link), .status, .badge")
            .allInnerTexts();
          const own = texts.filter((text) => text.trim() !== "" && !text.includes("«"));
          expect(own.filter((text) => !/^(Caltech-101|DTD|\S+\.jpg)$/.test(text.trim()))).toEqual(
            [],
          );
        },
        { strings },
      );
  });
});

function source() {
  return { page: "check", root: "/data", dataset: null } as const;
}

function loadedPictures(page: Page): Promise<number> {
  return page.evaluate(
    `[...document.querySelectorAll(".tile img")].filter((image) => image.naturalWidth > 0).length`,
  );
}

/** What the page posted of one kind. */
function posted<T extends DataPageMessage["type"]>(
  page: Page,
  type: T,
): Promise<Extract<DataPageMessage, { type: T }>[]> {
  return page.evaluate(`gladData.posted.filter(({ type }) => type === ${JSON.stringify(type)})`);
}

function send(page: Page, message: DataHostMessage): Promise<void> {
  return page.evaluate(`gladData.send(${JSON.stringify(message)})`);
}

/** Pictures of several shapes and colours, where there are no real ones. */
async function drawnPictures(): Promise<string[]> {
  const made = Array.from({ length: 12 }, async (_, i) => {
    const [width, height] = [160 + 8 * i, 200 - 9 * i];
    const background = { r: 30 + 18 * i, g: 120, b: 220 - 16 * i };
    const circle = Buffer.from(
      `<svg><circle cx="60" cy="50" r="${20 + 2 * i}" fill="white"/></svg>`,
    );
    const image = sharp({ create: { width, height, channels: 3, background } });
    const jpeg = await image
      .composite([{ input: circle }])
      .jpeg()
      .toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  });
  return Promise.all(made);
}
