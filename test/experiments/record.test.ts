import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { findRuns, recordOf, removeHalfMade } from "../../src/experiments/record";
import { plan } from "../support/experimentPlan";
import { temporaryFolder } from "../support/temporaryFolder";

const aStatus = {
  ...{ state: "created", pid: null, processStart: null, host: null, nonce: null, device: null },
  ...{ heartbeat: "2026-01-01T10:10:10.000Z", step: 0, steps: 500, reason: null },
};

test("runs are found by the identity that their names end with; one without a status is no run", () => {
  const folder = temporaryFolder();
  const content = {
    name: "exp",
    protocol: "few-shot",
    datasets: ["dtd"],
    shots: [1],
    seeds: [1],
    methods: ["lora", "glad"],
  };
  const { cells, ...rest } = plan(content, folder);
  const runs = join(folder, ".glad/runs");
  expect(findRuns(runs).size).toBe(0);
  const [lora, glad] = cells.map((cell) => `20260101-101010-${cell.name}`);
  for (const id of [lora!, glad!]) mkdirSync(join(runs, id), { recursive: true });
  writeFileSync(join(runs, lora!, "status.json"), JSON.stringify(aStatus));
  expect([...findRuns(runs)]).toEqual([[cells[0]!.identity, [lora]]]);
  const record = recordOf({ cells, ...rest });
  expect(record.cells.map(({ run }) => run)).toEqual([lora, null]);
  expect(record.methods).toEqual([
    { name: "LoRA", kind: "lora", changed: { "glad.alpha": 0 } },
    { name: "GLAD", kind: "glad", changed: {} },
  ]);
  // Half-made runs are cleared away by the next one who makes some; what is no cell's run is left alone.
  mkdirSync(join(runs, "20260101-101010-mine"));
  removeHalfMade(runs);
  expect(readdirSync(runs)).toEqual([lora, "20260101-101010-mine"]);
});

test("of several runs of an identity finished ones come first, then the newest; one without its result, or with a damaged one, does not", () => {
  const folder = temporaryFolder();
  const runs = join(folder, "runs");
  const identity = "zero-shot-0123abcd";
  // What stands before it, a data set's name in the table say, may be another.
  const cell = `dtd-few-shot-${identity}`;
  const write = (time: string, state: string, result = false, behind = "") => {
    const run = join(runs, `20260101-${time}-${cell}${behind}`);
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, "status.json"), JSON.stringify({ ...aStatus, state }));
    const text = JSON.stringify({ step: 1, reason: "completed", zeroShot: [], adapted: [] });
    if (result) writeFileSync(join(run, "result.json"), text);
    return basename(run);
  };
  const first = write("101010", "created");
  const found = () => findRuns(runs).get(identity);
  expect(found()).toEqual([first]);
  write("101011", "finished");
  expect(found()).toEqual([first]);
  const second = write("101010", "stopped", false, "-2");
  expect(found()).toEqual([second, first]);
  const third = write("101012", "finished", true);
  const fourth = write("101013", "failed");
  const damaged = write("101014", "finished");
  writeFileSync(join(runs, damaged, "result.json"), "{");
  expect(found()).toEqual([third, fourth, second, first]);
  expect(findRuns(runs, new Set(["ffffffff"])).size).toBe(0);
});
