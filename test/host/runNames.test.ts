import { expect, test } from "vitest";
import { shownNames } from "../../src/host/runs/runNames";

/** The names by which runs in folders are shown beside each other. */
function shown(...folders: string[]): string[] {
  const runs = folders.map((id) => ({ id, name: id.split("/").at(-1)! }));
  const names = shownNames(runs);
  return runs.map(({ id }) => names.get(id)!);
}

test("runs are shown by their names alone where these tell them apart", () => {
  expect(shown("/w/.glad/runs/20260131-120000-lora", "/w/.glad/runs/20260131-120000-glad")).toEqual(
    ["lora", "glad"],
  );
});

test("runs of one name are told apart by the time, with the day where that differs", () => {
  const runs = "/w/.glad/runs";
  expect(
    shown(
      `${runs}/20260131-120000-lora`,
      `${runs}/20260131-120507-lora`,
      `${runs}/20260131-120000-glad`,
    ),
  ).toEqual(["lora · 12:00:00", "lora · 12:05:07", "glad"]);
  expect(
    shown(`${runs}/20260131-120000-lora`, `${runs}/20260201-120000-lora`, `${runs}/lora`),
  ).toEqual(["lora · 2026-01-31 12:00:00", "lora · 2026-02-01 12:00:00", "lora"]);
});

test("where the time is the same, a folder tells them apart", () => {
  expect(
    shown(
      "/w/one/.glad/runs/20260131-120000-lora",
      "/w/two/.glad/runs/20260131-120000-lora",
      "C:\\w\\two\\.glad\\runs/20260131-130000-lora",
    ),
  ).toEqual(["lora · 12:00:00 · one", "lora · 12:00:00 · two", "lora · 13:00:00"]);
  expect(shown("/w/one/.glad/runs/mine", "/w/two/.glad/runs/mine")).toEqual([
    "mine · one",
    "mine · two",
  ]);
});

test("one folder that does not tell all apart is followed by another", () => {
  expect(shown("/p/a/mine", "/q/a/mine", "/p/b/mine", "/p/b/other")).toEqual([
    "mine · a · p",
    "mine · a · q",
    "mine · b",
    "other",
  ]);
  expect(shown("/a/mine", "/b/a/mine", "C:\\b\\a/mine")).toEqual([
    "mine",
    "mine · b",
    "mine · b · C:",
  ]);
});
