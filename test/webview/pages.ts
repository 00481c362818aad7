import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { PageMessage, PageState } from "../../src/protocol/page";
import { type AnyScenario, openBrowser, type OpenPage, openPage, settled } from "./chromium";
import { servePage, type PageServer } from "./pageServer";
import type { Scenario } from "./scenario";

/** A browser and a served page for the tests of one block. */
export interface Pages<S> {
  server(): PageServer;
  browser(): BrowserContext;
  open(scenario: S, size?: Size): Promise<OpenPage>;
  /** Opens the page and lets a test use it; at its end nothing may have gone wrong in it. */
  use(scenario: S, test: (page: Page) => Promise<void>, size?: Size): Promise<void>;
}

interface Size {
  width: number;
  height: number;
}

/**
 * Starts a browser and a server before the tests of the block that calls it, and ends them after. `path` names the page, by
 * default that of results.
 */
export function usePages<S extends AnyScenario = Scenario>(path = ""): Pages<S> {
  let server: PageServer | undefined;
  let opened: Awaited<ReturnType<typeof openBrowser>> | undefined;
  beforeAll(async () => {
    server = await servePage();
    opened = await openBrowser();
    // The first page of a browser takes seconds on a busy machine; it shall not be on a test's account.
    const first = await opened.browser.newPage();
    await first.goto(server.url, { timeout: 100_000 });
    await first.close();
  });
  afterAll(async () => {
    await opened?.close();
    server?.close();
  });
  const open: Pages<S>["open"] = (scenario, size) =>
    openPage(opened!.browser, `${server!.url}${path}`, scenario, size);
  return {
    server: () => server!,
    browser: () => opened!.browser,
    open,
    async use(scenario, test, size) {
      const { page, problems } = await open(scenario, size);
      try {
        await settled(page);
        await test(page);
        await settled(page);
        expect(problems).toEqual([]);
      } finally {
        await page.close();
      }
    },
  };
}

/** What the page posted of one kind. */
export function posted<T extends PageMessage["type"]>(
  page: Page,
  type: T,
): Promise<Extract<PageMessage, { type: T }>[]> {
  return page.evaluate(`gladHost.posted.filter(({ type }) => type === ${JSON.stringify(type)})`);
}

/** What the page keeps over a reload. */
export function kept(page: Page): Promise<PageState> {
  return page.evaluate("JSON.parse(sessionStorage.getItem('glad-state'))");
}

/** What a chart tells a screen reader. */
export function summary(page: Page, chart: string): Promise<string | null> {
  return page.locator(`[data-chart=${chart}] .plot`).getAttribute("aria-label");
}

/** Brings a tab of the page to the front. */
export async function openTab(page: Page, tab: string): Promise<void> {
  await page.locator(`#tab-${tab}`).click();
  await settled(page);
}
