import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import type { DataScenario } from "./dataScenarios";
import type { Scenario, TableScenario } from "./scenario";

/** Debian's Chromium, or what the environment names. */
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** False where there is no browser; says then what is skipped. */
export function hasChromium(what: string): boolean {
  if (existsSync(executablePath)) return true;
  console.log(`skipped: ${what} (no Chromium at ${executablePath}; apt-get install chromium)`);
  return false;
}

/** A browser without a network, with an empty profile. */
export async function openBrowser(): Promise<{ browser: BrowserContext; close(): Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), "glad-chromium-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1400, height: 900 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  browser.setDefaultTimeout(45_000);
  return {
    browser,
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

export interface OpenPage {
  page: Page;
  /** What went wrong in the page: console errors, exceptions, violations of the policy. */
  problems: string[];
}

/** What the host of any page under test sends. */
export type AnyScenario = Scenario | DataScenario | TableScenario;

/** Opens the page with a host that has what the scenario says. */
export async function openPage(
  browser: BrowserContext,
  url: string,
  scenario: AnyScenario,
  size = { width: 1400, height: 900 },
): Promise<OpenPage> {
  const page = await browser.newPage();
  await page.setViewportSize(size);
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.addInitScript(
    `window.gladScenario = ${JSON.stringify(scenario)};
     document.addEventListener("securitypolicyviolation", (e) =>
       console.error("policy: " + e.effectiveDirective + " " + e.blockedURI + " " + e.sample));`,
  );
  await page.goto(url);
  return { page, problems };
}

/** Calls the fake host in the page. */
export function host<T>(page: Page, call: string): Promise<T> {
  return page.evaluate(`gladHost.${call}`);
}

/** Waits until the page has drawn what it was sent: two frames, and the pause between two drawings. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(
    "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 150))",
  );
}
