import { expect, test, vi } from "vitest";
import type { RunStore } from "../../src/host/runs/runStore";

const set = vi.fn<(folders: string[]) => void>();
const tell = vi.fn<(...given: unknown[]) => void>();
vi.mock("vscode", () => ({
  commands: { executeCommand: (...given: unknown[]) => tell(...given) },
}));
vi.mock("../../src/host/runs/folderWatch", () => ({
  watchFolders: () => ({ set, dispose: () => undefined }),
}));
const { watchTrash } = await import("../../src/host/runs/trash");

test("a look at the trash that outlasts the window sets no watcher anew", async () => {
  const store = { runs: [], onChange: () => ({ dispose: () => undefined }) };
  const trash = watchTrash(store as unknown as RunStore, () => ["/none/runs"]);
  expect(await trash.look()).toEqual([]);
  expect(set).toHaveBeenCalledTimes(1);
  expect(tell).toHaveBeenCalledTimes(1);
  const look = trash.look();
  trash.dispose();
  expect(await look).toEqual([]);
  expect(set).toHaveBeenCalledTimes(1);
});
