import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { frozenNames } from "../../src/host/runs/frozenNames";
import { temporaryFolder } from "../support/temporaryFolder";

test("a run has the name of its configuration, whatever its folder is called, and is read once", async () => {
  const folder = temporaryFolder({ "20260101-000000-lora/config.json": '{ "name": "lora" }' });
  const [made, renamed] = ["lora", "mine"].map((name) => join(folder, `20260101-000000-${name}`));
  const nameOf = frozenNames();
  expect(await nameOf(made!)).toBe("lora");
  expect(await nameOf(renamed!)).toBeNull();
  renameSync(made!, renamed!);
  expect(await nameOf(renamed!)).toBe("lora");
  writeFileSync(join(renamed!, "config.json"), "{");
  expect(await nameOf(renamed!)).toBe("lora");
  expect(await frozenNames()(renamed!)).toBeNull();
});
