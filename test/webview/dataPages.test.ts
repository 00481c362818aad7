import { describe, expect, test } from "vitest";
import type { DataHostMessage } from "../../src/protocol/dataPage";
import { dataPageStrings } from "../../src/protocol/dataPageStrings";
import { hasChromium, settled } from "./chromium";
import { addressesTried, triedAt, check, classified, sheet, split } from "./dataScenarios";
import { faults, testInThemes } from "./inThemes";
import { dataPages, posted, send } from "./openDataPages";

describe.skipIf(!hasChromium("the data pages in a browser"))("the data pages", () => {
  const { open, use } = dataPages();

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
        expect(await page.locator(".page-head .figures").last().innerText()).toBe(
          "2 data sets · 1 in order · to be mended: DTD",
        );
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
        const when = await page.evaluate(`new Date("${triedAt}").toLocaleString("en")`);
        const told = page.getByText(`Addresses were tried on ${String(when)}.`);
        expect(await told.count()).toBe(2);
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
      mayRun: true,
    };
    describe.each([
      ["sheet", [sheet(30)]],
      ["classified", [classified()]],
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
    for (const messages of [
      [sheet(6)],
      [classified()],
      [check("running")],
      [check("none")],
      [check("cancelled")],
    ])
      await use(
        messages,
        async (page) => {
          const texts = await page
            .locator("h2, button:not(.link), .status, .badge")
            .allInnerTexts();
          const own = texts.filter((text) => text.trim() !== "" && !text.includes("«"));
          expect(
            own.filter(
              (text) => !/^(Caltech-101|DTD|\S+ owl|(\S+ · )?\S+\.jpg)$/.test(text.trim()),
            ),
          ).toEqual([]);
        },
        { strings },
      );
  });
});

function source() {
  return { page: "check", root: "/data", dataset: null } as const;
}
