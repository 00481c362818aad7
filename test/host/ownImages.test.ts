import { expect, test, vi } from "vitest";
import type { Services } from "../../src/host/services";

vi.mock("vscode", () => ({
  l10n: { t: (text: string) => text },
  TreeItemCollapsibleState: {},
  workspace: {},
}));
const { ownImagesIn } = await import("../../src/host/config/guidedQuestions");

/** A window in which data sets were found; picks by the words, and chooses /elsewhere where a folder is asked for. */
function window(found: [folder: string, dataset: string][], words: string) {
  const offered: (string | undefined)[] = [];
  const sets = found.map(([folder, dataset]) => ({
    ...{ folder, dataset, title: dataset, classes: [] },
    counts: { classes: 2, train: 4, val: 0, test: 2 },
  }));
  const services = {
    data: { places: [{ sets }], refresh: () => Promise.resolve() },
    prompts: {
      pick(items: { label: string; detail?: string }[]) {
        offered.push(...items.map(({ detail, label }) => detail ?? label));
        return Promise.resolve(items.find((item) => JSON.stringify(item).includes(words)));
      },
      folder: () => Promise.resolve({ fsPath: "/elsewhere" }),
    },
  } as unknown as Services;
  return { services, offered };
}

test("images of one's own that were found are offered, but no published ones and none twice", async () => {
  const found: [string, string][] = [
    ["/w/photos", "folder"],
    ["/w/night", "folder"],
    ["/w/dtd", "dtd"],
  ];
  const first = window(found, "photos");
  expect(await ownImagesIn(first.services, "/w", "Images to train on")).toBe("./photos");
  const browse = "$(folder) A folder of images, one sub-folder per class...";
  expect(first.offered).toEqual(["/w/photos", "/w/night", browse]);
  const second = window(found, "A folder of images");
  const target = await ownImagesIn(second.services, "/w", "Images to measure on", "./photos");
  expect(second.offered).toEqual(["/w/night", browse]);
  expect(target).toBe("/elsewhere");
  expect(await ownImagesIn(window(found, "nothing").services, "/w", "Images")).toBeNull();
});

test("where none were found a folder is asked for at once", async () => {
  const { services, offered } = window([["/w/photos", "folder"]], "");
  expect(await ownImagesIn(services, "/w", "Images to measure on", "./photos")).toBe("/elsewhere");
  expect(offered).toEqual([]);
});
