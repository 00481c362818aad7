import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordOf, writeRecord } from "../../src/experiments/record";
import { sharedRuns, tellShared } from "../../src/experiments/sharedRuns";
import { plan } from "../support/experimentPlan";
import { temporaryFolder } from "../support/temporaryFolder";

test("runs that other experiments have as well are told with what goes on with these", async () => {
  const folder = temporaryFolder();
  /** Writes the record of an experiment with these runs, and its file unless that is gone. */
  const write = async (name: string, runs: (string | null)[], gone = false) => {
    const content = { name, protocol: "few-shot", datasets: ["dtd"], config: { output: "out" } };
    const record = recordOf(plan(content, folder));
    const file = join(folder, `${name}.experiment.json`);
    if (!gone) writeFileSync(file, "{}");
    const cells = runs.map((run, i) => ({ ...record.cells[i]!, run }));
    await writeRecord({ ...record, file, cells });
    return { ...record, file, cells };
  };
  const one = await write("one", ["a", "b", "c", "d"]);
  const tell = (...ids: string[]): string | null => {
    const stopped = new Set(ids.map((id) => join(one.runs, id)));
    return tellShared(stopped.size, sharedRuns(stopped, one));
  };
  expect(tell("a", "b")).toBeNull();
  await write("two", ["b", null, "c", "x"]);
  await write("three", ["x", "c"]);
  await write("gone", ["a"], true);
  // What is left of an earlier name.
  await writeRecord({ ...one, name: "before" });
  const goOn = (name: string): string =>
    `\`glad experiment run ${join(folder, name)}.experiment.json\` goes on with`;
  expect(tell("a", "b", "c")).toBe(
    `Of the 3 runs that stop, 1 is of three as well (${goOn("three")} it), 2 are of two as well (${goOn("two")} them).`,
  );
  expect(tell("b")).toBe(`Of the 1 run that stops, 1 is of two as well (${goOn("two")} it).`);
  expect(tell("d")).toBeNull();
});
