import { expect, test, vi } from "vitest";

vi.mock("vscode", () => ({
  l10n: { t: (text: string, ...given: string[]) => text.replace("{0}", given[0]!) },
  EventEmitter: class {},
  TreeItem: class {},
  TreeItemCollapsibleState: {},
}));
const { sharedText } = await import("../../src/host/commands/experiments");

test("who stops an experiment in the editor is told whose its runs are besides", () => {
  expect(sharedText([])).toBeNull();
  const shared = [
    { name: "one", file: "/one.json", runs: 1 },
    { name: "two", file: "/two.json", runs: 3 },
  ];
  expect(sharedText(shared)).toBe(
    "Other experiments have some of the runs that stop: one (1), two (3). Continue those experiments to go on with them.",
  );
});
