import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAnswerStore } from "../../../src/host/data/pages/answerStore";
import { temporaryFolder } from "../../support/temporaryFolder";

test("the last answers are kept, each by its question, over the end of the editor", async () => {
  const folder = join(temporaryFolder(), "classified");
  const store = openAnswerStore(folder);
  expect(await store.recall({ run: "a" })).toBeNull();
  await store.keep({ run: "a", places: ["x"] }, "first");
  await store.keep({ run: "a", places: ["y"] }, "second");
  await store.keep({ run: "a", places: ["x"] }, "third");
  expect(await openAnswerStore(folder).recall({ run: "a", places: ["x"] })).toBe("third");
  expect(await store.recall({ run: "a", places: ["y"] })).toBe("second");

  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1, 1);
  for (let i = 0; i < 8; i++) await store.keep(i, String(i));
  expect(readdirSync(folder)).toHaveLength(8);
  expect(await store.recall({ run: "a", places: ["x"] })).toBeNull();
  expect(await store.recall(0)).toBe("0");
});
