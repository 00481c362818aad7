import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problemsOfCells } from "../../src/cli/cellProblems";
import { plan } from "../support/experimentPlan";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

const classes = ["cat", "dog"];

/** A list of so many training images of each class. */
const listOf = (count: number): string =>
  classes
    .flatMap((name) => Object.keys(emptyImages(`train/${name}`, count)))
    .map((path) => JSON.stringify({ path }))
    .join("\n");

test("each list is looked at, whatever seed and number of shots it is for", async () => {
  const folder = temporaryFolder(
    Object.assign(
      {},
      ...classes.map((name) => ({
        ...emptyImages(`pets/train/${name}`, 4),
        ...emptyImages(`pets/test/${name}`, 1),
      })),
    ) as Record<string, string>,
  );
  await writeTinyClip(join(folder, "clip"));
  const list = (shots: number, seed: number): string =>
    join(folder, "lists", `${shots}-${seed}.jsonl`);
  mkdirSync(join(folder, "lists"));
  for (const shots of [1, 2])
    for (const seed of [1, 2, 3]) writeFileSync(list(shots, seed), listOf(shots));
  const { cells } = plan(
    {
      name: "e",
      protocol: "few-shot",
      datasets: [{ root: "pets" }],
      shots: [1, 2],
      seeds: [1, 2, 3],
      methods: ["zero-shot", "lora", "glad"],
      config: { model: "clip", device: "cpu", data: { list: "lists/{shots}-{seed}.jsonl" } },
    },
    folder,
  );
  const problems = async () =>
    (await problemsOfCells(cells, { device: false })).map(({ cell, finding }) => [
      [cell.shots, cell.seed],
      finding.setting,
      finding.message,
    ]);
  expect(await problems()).toEqual([]);

  rmSync(list(1, 3));
  writeFileSync(list(2, 2), listOf(1));
  expect(await problems()).toEqual([
    [[1, 3], "data.list", expect.stringMatching(/1-3\.jsonl: the list .* does not exist$/)],
    [[2, 2], "data.list", expect.stringMatching(/2-2\.jsonl: names 1 .* where shots is 2, and/)],
  ]);
});
