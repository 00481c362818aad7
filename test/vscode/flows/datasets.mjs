// The view of data sets as a person uses it: a class's contact sheet, a check that is cancelled and made again, the themes,
// a folder that is dragged in by the mouse, the addresses of what is missing.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, message, offered, openByRow, reloadWindow, showViews, until } from "../user.mjs";

/** Names as the settings know them; webviews are told of the kinds. */
const themes = {
  light: "Default Light Modern",
  dark: "Default Dark Modern",
  "high-contrast": "Default High Contrast",
  "high-contrast-light": "Default High Contrast Light",
};

export async function flow(session) {
  const { page, workspace, shot } = session;
  await drawImages(join(workspace, "photos"));
  await showViews(page);
  await row(page, "photos").waitFor();
  const removal = () => offered(page, "GLAD: Remove Data Set Folder");
  expect((await removal()).length === 0, "a folder can be removed before one was added");
  await open(page, "photos");
  await open(page, "Classes");
  await openByRow(page, row(page, "circle"), "circle");
  const sheet = await frameWith(page, "60 images");
  const pictures = `[...document.querySelectorAll(".tile img")].filter((i) => i.naturalWidth > 0).length`;
  await until("pictures", async () => (await sheet.evaluate(pictures)) > 20);
  await inThemes(session, sheet, "sheet");
  const set = page.getByRole("treeitem", { name: /^photos/ });
  await openByRow(page, set, "Check of photos", async () => {
    await set.hover();
    await set.getByRole("button", { name: "Check Data Set" }).click();
  });
  const check = await frameWith(page, "Check of photos");
  await check.getByRole("button", { name: "Cancel" }).click();
  await frameWith(page, "The check was cancelled");
  await check.getByRole("button", { name: "Check Again" }).click();
  const checked = await frameWith(page, "cannot be decoded");
  await row(page, "Problems and Notes").waitFor();
  await inThemes(session, checked, "check");
  await reloadWindow(page);
  await frameWith(page, "cannot be decoded");
  await shot("reloaded");
  await dragFolder(page);
  expect((await removal()).length === 1, "the folder that was added cannot be removed");
  await dropFromSystem(session);
  await tryAddresses(session);
}

/** A folder is dragged by the mouse from the explorer to the view, which shows itself over its icon. */
async function dragFolder(page) {
  const set = page.getByRole("treeitem", { name: /^photos, 3 classes/ });
  const told = async () => (await set.getAttribute("aria-label")) ?? "";
  expect((await told()).includes("in the workspace"), "photos is not only found in the workspace");
  const folder = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "photos" });
  const middleOf = async (locator) => {
    const { x, y, width, height } = await locator.first().boundingBox();
    return [x + width / 2, y + height / 2];
  };
  const icon = page.locator('.activitybar a[aria-label^="GLAD"]');
  const drag = async () => {
    await page.mouse.move(...(await middleOf(folder)));
    await page.mouse.down();
    const [x, y] = await middleOf(icon);
    await page.mouse.move(x, y, { steps: 10 });
    for (let i = 0; !(await set.isVisible()); i++) {
      if (i > 300) throw new Error("the view does not show itself over its icon");
      await page.mouse.move(x + (i % 2), y);
      await new Promise((settle) => setTimeout(settle, 100));
    }
    await page.mouse.move(...(await middleOf(set)), { steps: 10 });
    // The editor looks where the mouse is a few times a second.
    await new Promise((settle) => setTimeout(settle, 500));
    await page.mouse.up();
  };
  // A busy editor may not have looked yet when the folder is let go.
  await until("the folder that was dropped", async () => {
    await page.locator('.activitybar a[aria-label^="Explorer"]').click();
    await folder.first().waitFor();
    await drag();
    const end = Date.now() + 5000;
    while (Date.now() < end && !(await told()).includes("added"))
      await new Promise((settle) => setTimeout(settle, 100));
    return (await told()).includes("added");
  });
}

/**
 * A folder is dropped from the system's own file manager. A browser does not tell a page where it lies, so it cannot be added, and
 * the editor says what to do in its place.
 */
async function dropFromSystem({ page, workspace, shot }) {
  const set = page.getByRole("treeitem", { name: /^photos, 3 classes/ });
  const { x, y } = await set.boundingBox();
  const system = await page.context().newCDPSession(page);
  const data = { items: [], files: [join(workspace, "photos")], dragOperationsMask: 19 };
  const types = ["dragEnter", ...Array.from({ length: 10 }, () => "dragOver"), "drop"];
  for (const [i, type] of types.entries()) {
    await system.send("Input.dispatchDragEvent", { type, x: x + 20 + (i % 2), y: y + 5, data });
    // The editor looks where the mouse is a few times a second.
    await new Promise((settle) => setTimeout(settle, 100));
  }
  const refusal = await message(page, "What was dropped is no folder");
  await shot("droppedFromSystem");
  await refusal.getByRole("button", { name: "Add Data Set Folder..." }).click();
  // The editor's own question for a folder.
  await page.locator(".quick-input-widget", { hasText: "Add which folder" }).waitFor();
  await page.keyboard.press("Escape");
}

/** The check of a published data set without its images says where to get them, and tries the addresses when asked to. */
async function tryAddresses({ page, workspace, shot }) {
  const folder = join(workspace, "eurosat");
  mkdirSync(join(folder, "2750"), { recursive: true });
  const image = ["Forest/Forest_1.jpg", 0, "Forest"];
  const split = JSON.stringify({ train: [image], val: [], test: [] });
  writeFileSync(join(folder, "split_zhou_EuroSAT.json"), split);
  const item = page.getByRole("treeitem", { name: /^EuroSAT/ });
  await item.hover();
  await item.getByRole("button", { name: "Check Data Set" }).click();
  const check = await frameWith(page, "Where to get it");
  const outcome = /Addresses were tried on \d|could not be tried: .*check the network/;
  // The check asks as well, and says how that went.
  await check.getByText(outcome).first().waitFor();
  await check.getByRole("button", { name: "Try Addresses" }).click();
  await check.getByText("Trying the addresses").waitFor();
  // Where there is no network, the page says so, and no address is called dead for it.
  await until("the end of the trial", async () => {
    const text = await check.locator("#page").innerText();
    return outcome.test(text) && !text.includes("Trying the addresses");
  });
  await shot("addresses");
}

/** Three classes, and among the many images of one a file that is none. */
async function drawImages(folder) {
  const shapes = {
    circle: (i) => `<circle cx="80" cy="80" r="${20 + i}" fill="hsl(${6 * i} 70% 50%)"/>`,
    square: (i) =>
      `<rect x="20" y="20" width="${30 + i}" height="${90 - i}" fill="hsl(${4 * i} 60% 40%)"/>`,
    line: (i) =>
      `<path d="M10 ${10 + i} L150 ${150 - i}" stroke="hsl(${5 * i} 80% 45%)" stroke-width="9"/>`,
  };
  for (const [name, draw] of Object.entries(shapes)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < 60; i++) {
      const svg = `<svg width="${160 + i}" height="160"><rect width="220" height="160" fill="#f4f0e6"/>${draw(i)}</svg>`;
      const image = await sharp(Buffer.from(svg)).jpeg().toBuffer();
      writeFileSync(join(folder, name, `${name}-${String(i).padStart(2, "0")}.jpg`), image);
    }
  }
  // Noise takes long enough to decode that a check can be cancelled.
  const noise = { type: "gaussian", mean: 128, sigma: 40 };
  const large = await sharp({
    create: { width: 3000, height: 3000, channels: 3, background: "grey", noise },
  })
    .jpeg()
    .toBuffer();
  for (let i = 0; i < 60; i++) writeFileSync(join(folder, "line", `noise-${i}.jpg`), large);
  writeFileSync(join(folder, "square", "broken.jpg"), "<html>not found</html>");
}

/** The row of the tree with exactly this label. */
function row(page, label) {
  const name = page.locator(".label-name", { hasText: new RegExp(`^${label}$`) });
  return page.locator(".pane .monaco-list-row", { has: name }).first();
}

async function open(page, label) {
  await row(page, label).locator(".monaco-tl-twistie").click();
}

function frameWith(page, text) {
  return until(`a page with "${text}"`, async () => {
    for (const frame of page.frames()) {
      const shown = await frame
        .locator("#page")
        .innerText({ timeout: 200 })
        .catch(() => "");
      if (shown.includes(text)) return frame;
    }
    return null;
  });
}

/** Keeps a picture of the window, with a page of ours, in each theme. */
async function inThemes({ page, workspace, shot }, frame, what) {
  mkdirSync(join(workspace, ".vscode"), { recursive: true });
  for (const [name, theme] of Object.entries(themes)) {
    const settings = JSON.stringify({ "workbench.colorTheme": theme });
    writeFileSync(join(workspace, ".vscode/settings.json"), settings);
    const kind = {
      light: "vs",
      dark: "vs-dark",
      "high-contrast": "hc-black",
      "high-contrast-light": "hc-light",
    }[name];
    await page.locator(`.monaco-workbench.${kind}`).waitFor();
    await frame.locator(`body[data-vscode-theme-kind="vscode-${name}"]`).waitFor();
    await shot(`${what}-${name}`);
  }
}
