import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { hasChromium } from "./chromium";
import { usePages } from "./pages";

const webview = resolve(__dirname, "../../webview");

function sources(): { file: string; text: string }[] {
  return readdirSync(webview, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(join(webview, file), "utf8") }));
}

test("one module alone knows the library of controls", () => {
  const users = sources().filter(({ text }) =>
    /@vscode\/webview-ui-toolkit|@microsoft\/fast/.test(text),
  );
  expect(users.map(({ file }) => file)).toEqual([join("ui", "toolkit.ts")]);
});

test("the page imports nothing of ours but the protocol", () => {
  const foreign = sources().flatMap(({ file, text }) =>
    [...text.matchAll(/from "((?:\.\.\/)+src\/[^"]+)"/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^(\.\.\/)+src\/protocol\//.test(target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(foreign).toEqual([]);
});

describe.skipIf(!hasChromium("the controls of the results page"))("the controls", () => {
  const pages = usePages();
  let page: Page;
  const problems: string[] = [];
  beforeAll(async () => {
    page = await pages.browser().newPage();
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${pages.server().url}controls`);
  });
  const told = (): Promise<unknown> => page.evaluate("gladControls.told.splice(0)");

  test("buttons have names and tell of clicks and keys", async () => {
    for (const name of ["Plain", "Quiet", "Picture"])
      await page.getByRole("button", { name, exact: true }).click();
    await page.getByRole("button", { name: "Plain" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    expect(await told()).toEqual([
      ["plain", null],
      ["quiet", null],
      ["picture", null],
      ["plain", null],
      ["plain", null],
    ]);
  });

  test("a button that is off does nothing", async () => {
    await page.getByRole("button", { name: "Off" }).click({ force: true });
    expect(await page.getByRole("button", { name: "Off" }).isDisabled()).toBe(true);
    expect(await told()).toEqual([]);
  });

  test("buttons take another name", async () => {
    await page.evaluate(
      `gladControls.plain.setLabel("Other"); gladControls.picture.setLabel("Drawing")`,
    );
    for (const name of ["Other", "Drawing"])
      await page.getByRole("button", { name, exact: true }).waitFor({ timeout: 5_000 });
  });

  test("a checkbox tells of changes by the user alone", async () => {
    const box = page.getByRole("checkbox", { name: "Box" });
    expect(await box.isChecked()).toBe(true);
    await box.click();
    await box.focus();
    await page.keyboard.press("Space");
    expect(await told()).toEqual([
      ["box", false],
      ["box", true],
    ]);
    await page.evaluate("gladControls.box.setChecked(false)");
    await expect.poll(() => box.isChecked()).toBe(false);
    expect(await told()).toEqual([]);
  });

  test("a choice is made by pointer or by keys", async () => {
    const choice = page.getByRole("combobox", { name: "Choice" });
    await choice.click();
    await page.getByRole("option", { name: "Three" }).click();
    await choice.focus();
    await page.keyboard.press("Home");
    expect(await told()).toEqual([
      ["choice", "three"],
      ["choice", "one"],
    ]);
  });

  test("a choice says what is chosen, from the first frame on", async () => {
    expect(await page.evaluate("gladControls.saidAtOnce()")).toBe("Three");
    const choice = page.getByRole("combobox", { name: "Choice", exact: true });
    for (const [key, text] of [
      ["End", "Three"],
      ["ArrowUp", "Two"],
    ] as const) {
      await choice.press(key);
      await expect.poll(() => choice.locator("[slot=selected-value]").innerText()).toBe(text);
    }
    await told();
  });

  test("a field tells of what is typed, under its own name", async () => {
    const field = page.getByRole("textbox", { name: "Field", exact: true });
    await field.fill("ab");
    expect(await told()).toEqual([["field", "ab"]]);
  });

  test("tabs show one view and are moved by arrows", async () => {
    const second = page.getByRole("tab", { name: "Second" });
    await second.click();
    expect(await page.getByText("Second view").isVisible()).toBe(true);
    expect(await page.getByText("First view").isVisible()).toBe(false);
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByText("First view").isVisible()).toBe(true);
    expect(await told()).toEqual([
      ["tabs", "second"],
      ["tabs", "first"],
    ]);
    await page.evaluate(`gladControls.panels.select("second")`);
    expect(await second.getAttribute("aria-selected")).toBe("true");
  });

  test("a sign of waiting has its name and interrupts nobody", async () => {
    const ring = page.locator("[aria-label=Ring]");
    expect(await ring.getAttribute("role")).toBe("status");
  });

  test("live under the strict policy", () => {
    expect(problems).toEqual([]);
  });
});
