import type { BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect } from "vitest";
import type { DataHostMessage, DataPageMessage } from "../../src/protocol/dataPage";
import { openBrowser, type OpenPage, openPage, settled } from "./chromium";
import type { DataScenario } from "./dataScenarios";
import { servePage, type PageServer } from "./pageServer";
import { darkPlus } from "./themes";

/** Opens data pages for the tests of the suite that calls it. */
export function dataPages() {
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

  return { open, use };
}

/** How many pictures have come. */
export function loadedPictures(page: Page): Promise<number> {
  return page.evaluate(
    `[...document.querySelectorAll(".tile img")].filter((image) => image.naturalWidth > 0).length`,
  );
}

/** What the page posted of one kind. */
export function posted<T extends DataPageMessage["type"]>(
  page: Page,
  type: T,
): Promise<Extract<DataPageMessage, { type: T }>[]> {
  return page.evaluate(`gladData.posted.filter(({ type }) => type === ${JSON.stringify(type)})`);
}

/** Sends the page what its host would. */
export function send(page: Page, message: DataHostMessage): Promise<void> {
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
