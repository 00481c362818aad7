import { describe, expect, test } from "vitest";
import type { DataHostMessage } from "../../src/protocol/dataPage";
import { hasChromium } from "./chromium";
import { classified, sheet } from "./dataScenarios";
import { dataPages, loadedPictures, posted, send } from "./openDataPages";

describe.skipIf(!hasChromium("contact sheets in a browser"))("the page of images", () => {
  const { use } = dataPages();

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

  describe("classified images", () => {
    test("stand under the classes that a model gives them, with how sure it is", () =>
      use(
        [classified()],
        async (page) => {
          expect(await page.locator("h2").allInnerTexts()).toEqual([
            "barn owl",
            "snowy owl",
            "tawny owl",
            "Cannot be read",
          ]);
          expect(await page.locator(".figures").first().innerText()).toBe("16 images · 3 classes");
          const first = page.getByRole("button", {
            name: "00.jpg: barn owl 99.5%, snowy owl 0.4%",
          });
          expect(await first.locator(".tile-name").innerText()).toBe("99.5% · 00.jpg");
          expect(await first.getAttribute("title")).toBe(
            "new/00.jpg\nbarn owl 99.5%, snowy owl 0.4%",
          );
          await expect.poll(() => loadedPictures(page)).toBe(15);
          await page.getByRole("button", { name: "Save as CSV" }).click();
          expect(await posted(page, "saveTable")).toHaveLength(1);
        },
        { unreadable: ["new/broken.jpg"] },
      ));

    test("say how far they have come, and can be given up, until they are there", () => {
      const { source, title } = classified() as Extract<DataHostMessage, { type: "sheet" }>;
      const at = (doing: "opening" | "classifying", done: number): DataHostMessage => ({
        type: "classifying",
        progress: { doing, done, total: 1234 },
        strings: {},
      });
      const waiting = { type: "waiting", source, title, strings: {} } as const;
      return use([waiting, at("opening", 20), at("classifying", 617)], async (page) => {
        expect(await page.locator("h1").innerText()).toBe("Classified by owls");
        expect(await page.locator(".figures").innerText()).toBe("Classified 617 of 1,234 images");
        expect(await page.locator("progress").getAttribute("value")).toBe("0.5");
        await page.getByRole("button", { name: "Cancel" }).click();
        expect(await posted(page, "cancel")).toHaveLength(1);
        const failed = { type: "failed", source, title, message: "given up", strings: {} } as const;
        await send(page, { ...failed, mayRun: false });
        expect(await page.getByRole("button", { name: "Classify Again" }).count()).toBe(0);
        await send(page, { ...failed, mayRun: true });
        await page.getByRole("button", { name: "Classify Again" }).click();
        expect(await posted(page, "check")).toHaveLength(1);
      });
    });

    test("are drawn only near the window, also of a thousand classes", () => {
      const one = classified() as Extract<DataHostMessage, { type: "sheet" }>;
      const images = Array.from({ length: 50_000 }, (_, i) => ({
        path: `new/${i}.jpg`,
        part: `class ${Math.floor(i / 50)}`,
        root: 0,
      }));
      return use([{ ...one, images }], async (page) => {
        expect(await page.locator("h2").count()).toBe(1000);
        await expect.poll(() => page.locator(".tile").count()).toBeGreaterThan(24);
        expect(await page.locator(".tile").count()).toBeLessThan(2000);
        await page.locator("h2").nth(500).scrollIntoViewIfNeeded();
        const tiles = page.locator("section").nth(500).locator(".tile");
        await expect.poll(() => tiles.count()).toBeGreaterThan(20);
        expect(await page.locator(".tile").count()).toBeLessThan(4000);
      });
    });

    test("may be none", () => {
      const none = { ...classified(), images: [] } as DataHostMessage;
      return use([none], async (page) => {
        expect(await page.getByText("There is no image here.").count()).toBe(1);
        expect(await page.getByRole("button").count()).toBe(1);
        expect(await page.getByRole("button", { name: "Classify Again" }).count()).toBe(1);
      });
    });
  });
});
