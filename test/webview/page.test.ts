import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { FailureView } from "../../src/protocol/page";
import { hasChromium, host, settled } from "./chromium";
import { kept, openTab, posted, usePages } from "./pages";
import type { Scenario } from "./scenario";
import { failed, glad, others, scenario } from "./scenarios";

describe.skipIf(!hasChromium("the results page in a browser"))("the results page", () => {
  const pages = usePages();
  const one = (): Scenario => scenario([glad], pages.server().pictures);
  const several = (): Scenario => scenario([glad, ...others], pages.server().pictures);

  test("runs under the strict policy, every tab of it, without a complaint", async () => {
    await pages.use(several(), async (page) => {
      const policy = await page
        .locator("meta[http-equiv=Content-Security-Policy]")
        .getAttribute("content");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain("unsafe");
      for (const tab of ["accuracy", "mistakes", "config", "curves"]) {
        await openTab(page, tab);
      }
      expect(await page.locator(".chart canvas").count()).toBe(6);
    });
  });

  test("reaches every control by Tab, each with a name", async () => {
    await pages.use(several(), async (page) => {
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

  test("says that a run is gone, keeps its zoom, and shows another one from the start, at work by its curves", async () => {
    const [first, second] = [others[0]!.id, others[1]!.id];
    const select = (page: Page, ...ids: string[]): Promise<void> =>
      host(page, `select(${JSON.stringify(ids)})`).then(() => settled(page));
    await pages.use({ ...several(), selected: [first] }, async (page) => {
      await page.locator('.chart[data-chart="loss"] [tabindex="0"]').first().focus();
      await page.keyboard.press("+");
      await settled(page);
      const { range } = (await kept(page)).view;
      expect(range).not.toBeNull();
      await select(page);
      const gone = page.getByRole("heading", { name: "The run is not there any more" });
      expect(await gone.isVisible()).toBe(true);
      await select(page, first);
      expect(await gone.isVisible()).toBe(false);
      expect(await kept(page)).toMatchObject({ runs: [first], view: { range } });

      await openTab(page, "config");
      await select(page, second);
      expect(await kept(page)).toMatchObject({ tab: "config", view: { range: null } });
      await select(page, glad.id);
      expect((await kept(page)).tab).toBe("curves");
      expect(await page.locator("#tab-curves").getAttribute("aria-selected")).toBe("true");
      // Its own configuration, when it is looked at.
      await openTab(page, "config");
      expect((await kept(page)).tab).toBe("config");
    });
  });

  test("says which of several runs are gone, until they come back or nobody waits for them", async () => {
    await pages.use(several(), async (page) => {
      const note = page.getByRole("status").filter({ hasText: "Not there any more" });
      const lose = (isGone: boolean): Promise<void> =>
        host(page, `lose("sam", ${isGone})`).then(() => settled(page));
      expect(await note.count()).toBe(0);
      await lose(true);
      expect(await note.innerText()).toContain("deleted or moved away: sam.");
      expect(await page.locator(".run-name").allInnerTexts()).toEqual(["glad", "plain-lora"]);
      await lose(false);
      expect(await note.count()).toBe(0);
      expect(await page.locator(".run-name").allInnerTexts()).toContain("sam");
      await lose(true);
      await page.getByRole("button", { name: "Do Not Wait for Runs That Are Gone" }).click();
      await settled(page);
      expect(await note.count()).toBe(0);
      expect((await posted(page, "selectRuns")).at(-1)).toEqual({
        type: "selectRuns",
        runs: ["glad", "plain-lora"],
      });
    });
  });

  test("keeps the chosen tab and runs after a reload", async () => {
    await pages.use(several(), async (page) => {
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

  test("asks for what its buttons say, and says that it was asked", async () => {
    await pages.use(one(), async (page) => {
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

  test("offers what is done with a run that is over, which waits for no trainer", async () => {
    await pages.use(scenario([{ ...glad, state: "finished" }], []), async (page) => {
      const actions = page.locator(".run-header .actions");
      expect(await actions.innerText()).toBe("Classify Images...\nExport...");
      for (const name of ["Classify Images...", "Export..."])
        await actions.getByRole("button", { name }).click();
      expect(await posted(page, "control")).toEqual([
        { type: "control", run: "glad", action: "classifyImages" },
        { type: "control", run: "glad", action: "exportCheckpoint" },
      ]);
      await settled(page);
      expect(await page.getByText("It happens after the current step").isVisible()).toBe(false);
      expect(await actions.getByRole("button", { name: "Export..." }).isEnabled()).toBe(true);
    });
  });

  test("offers the check of the images that a run failed by", async () => {
    const failure = { ...failed.failure!, actions: ["data" as const, "log" as const] };
    await pages.use(scenario([{ ...failed, failure }], []), async (page) => {
      await page.getByRole("button", { name: "Check Data Set" }).click();
      expect(await posted(page, "open")).toEqual([
        { type: "open", run: "failed-run", what: "data" },
      ]);
    });
  });

  test("says why a run failed and offers what can be done", async () => {
    await pages.use(scenario([failed], []), async (page) => {
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

  test("says of a run that was stopped by force what is kept, and offers to go on", async () => {
    const message =
      "Stopped on request: its trainer did not answer and was ended by force; the checkpoint of step 1200 is kept, and resuming goes on from there.";
    const failure: FailureView = { message, advice: null, actions: ["resume", "log"] };
    await pages.use(scenario([{ ...glad, state: "stopped", failure }], []), async (page) => {
      const alert = page.getByRole("alert");
      expect(await alert.innerText()).toContain("The run was stopped at step 1,200");
      expect(await alert.innerText()).toContain(message);
      expect(await alert.locator(".actions").innerText()).toBe("Resume\nOpen Log");
      expect(await page.locator(".run-header .actions").innerText()).not.toContain("Resume");
    });
    await pages.use(scenario([{ ...glad, state: "stopped" }], []), async (page) => {
      expect(await page.getByRole("alert").isVisible()).toBe(false);
      expect(await page.locator(".run-header .actions").innerText()).toContain("Resume");
    });
  });

  test("says of a run whose trainer hangs for how long, and offers to stop it", async () => {
    await pages.use(scenario([{ ...glad, silent: 45 }], []), async (page) => {
      const header = page.locator(".run-header");
      expect(await header.locator(".state-name").innerText()).toBe("No answer");
      expect(await header.getByText("Its trainer has not answered for 45 s").isVisible()).toBe(
        true,
      );
      expect(await header.getByText("Time left").isVisible()).toBe(false);
      // It would do nothing of the rest.
      expect(await header.locator(".actions").innerText()).toBe("Stop");
      await header.getByRole("button", { name: "Stop" }).click();
      expect(await posted(page, "control")).toEqual([
        { type: "control", run: "glad", action: "stop" },
      ]);
    });
    await pages.use(one(), async (page) => {
      expect(await page.getByText("has not answered").isVisible()).toBe(false);
      expect(await page.getByText("Time left").isVisible()).toBe(true);
    });
  });

  test("says at once of a run that is being stopped what comes next, and asks it for nothing else", async () => {
    const stopping = "stopping: asked to end, asked again in 28 s";
    const stopped = { ...glad, silent: 45, stopping, ending: true };
    await pages.use(scenario([stopped], []), async (page) => {
      const header = page.locator(".run-header");
      expect(await header.locator(".state-name").innerText()).toBe("Stopping");
      expect(await header.locator(".silence").innerText()).toBe(
        "Stopping: asked to end, asked again in 28 s.",
      );
      expect(await header.locator(".actions").innerText()).toBe("Stop");
      // However it was begun, by the page, by a key or by the palette.
      expect(await header.getByRole("button", { name: "Stop" }).isDisabled()).toBe(true);
    });
    // One that somebody else asked is only asked: this window can do more about it.
    const asked = { ...glad, silent: 45, stopping: "asked to stop" };
    await pages.use(scenario([asked], []), async (page) => {
      const button = page.getByRole("button", { name: "Stop", exact: true });
      expect(await button.isEnabled()).toBe(true);
      await button.click();
      await settled(page);
      expect(await page.getByText("It happens after the current step").isVisible()).toBe(false);
    });
  });

  test("says of a run that was over before its first step that it made none", async () => {
    const early = { ...failed, events: { steps: 0, of: 0 } };
    await pages.use(scenario([early], []), async (page) => {
      expect(await page.getByText("No step was made").isVisible()).toBe(true);
      expect(await page.getByText("Waiting for the first step").isVisible()).toBe(false);
      expect(await page.locator(".facts dd").first().innerText()).toBe("none made");
    });
  });

  test("starts and stops nothing where the workspace is not trusted", async () => {
    await pages.use(scenario([failed], [], { mayControl: false }), async (page) => {
      expect(await page.getByText("This workspace is not trusted").isVisible()).toBe(true);
      expect(await page.getByRole("button", { name: "Resume" }).count()).toBe(0);
      expect(await page.getByRole("button", { name: "Open Log" }).count()).toBe(1);
    });
  });

  test("puts accuracies beside zero-shot with their difference", async () => {
    await pages.use(one(), async (page) => {
      await openTab(page, "accuracy");
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
      await page.locator(".split-table").getByRole("button", { name: "Save CSV" }).click();
      expect(await posted(page, "exportCsv")).toEqual([
        { type: "exportCsv", runs: ["glad"], what: "accuracy" },
      ]);
    });
  });

  test("lists classes by how much they changed, and finds them by name", async () => {
    await pages.use(one(), async (page) => {
      await openTab(page, "accuracy");
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
    await pages.use(one(), async (page) => {
      await openTab(page, "mistakes");
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
    await pages.use(several(), async (page) => {
      const strokes = await page.locator("[data-chart=loss] .legend-run line").all();
      expect(await Promise.all(strokes.map((line) => line.getAttribute("stroke")))).toEqual([
        "#3794ff",
        "#d18616",
        "#89d185",
      ]);
      await openTab(page, "accuracy");
      const best = await page.locator(".split-table tbody tr").first().locator(".best").innerText();
      const values = await page
        .locator(".split-table tbody tr")
        .first()
        .locator("td")
        .allInnerTexts();
      const numbers = values.slice(0, 3).map((text) => parseFloat(text.replace("★", "")));
      expect(parseFloat(best.replace("★", ""))).toBe(Math.max(...numbers));
      // Each beside its difference to zero-shot and what was counted.
      const zeroShot = Number(values[3]);
      const cell = page.locator(".split-table tbody tr").first().locator(".compare-cell").first();
      const change = await cell.locator(".change.better").innerText();
      expect(Number(change)).toBeCloseTo(numbers[0]! - zeroShot, 2);
      expect(await cell.locator(".counts").innerText()).toMatch(/^1,5\d\d \/ 1,549$/);
      await openTab(page, "config");
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

  test("lists runs in columns, also where one was not measured yet and makes fewer steps", async () => {
    const early = { ...glad, id: "early", events: { steps: 40, of: 100 } };
    await pages.use(scenario([glad, early, ...others], []), async (page) => {
      for (const column of [".run-state", ".run-step", ".run-best"]) {
        const cells = await page.locator(`.run-list ${column}`).all();
        const boxes = await Promise.all(cells.map((cell) => cell.boundingBox()));
        expect(new Set(boxes.map((box) => box!.x)).size).toBe(1);
        expect(new Set(boxes.map((box) => box!.width)).size).toBe(1);
      }
    });
  });

  test("says what it waits for: a step, a choice, the editor", async () => {
    const fresh = { ...glad, events: { steps: 0, of: 10 }, state: "starting" as const };
    await pages.use(scenario([fresh], []), async (page) => {
      expect(await page.getByText("Waiting for the first step").isVisible()).toBe(true);
    });
    await pages.use(scenario([], []), async (page) => {
      await page.getByRole("button", { name: "Choose Runs" }).click();
      expect(await posted(page, "pickRuns")).toHaveLength(1);
    });
    await pages.use(scenario([glad], [], { silent: true }), async (page) => {
      await page.getByRole("button", { name: "Try Again" }).click({ timeout: 10_000 });
      expect(await posted(page, "ready")).toHaveLength(2);
    });
  });

  test("fits a panel of 400 pixels", async () => {
    await pages.use(
      several(),
      async (page) => {
        for (const tab of ["curves", "accuracy", "mistakes", "config"]) {
          await openTab(page, tab);
          const wide = await page.evaluate("document.documentElement.scrollWidth");
          expect(wide).toBeLessThanOrEqual(400);
        }
      },
      { width: 400, height: 900 },
    );
  });
});
