import { setImmediate } from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { experimentProblems } from "../../src/host/experiments/experimentProblems";
import type * as parsing from "../../src/protocol/parseConfig";

/** How many configurations of runs were made and validated, which is what a look at an experiment costs. */
const work = vi.hoisted(() => ({ done: 0 }));

vi.mock("../../src/protocol/parseConfig", async (importOriginal) => {
  const original = await importOriginal<typeof parsing>();
  const parseWritten: typeof original.parseWritten = (...given) => {
    work.done += 1;
    return original.parseWritten(...given);
  };
  return { ...original, parseWritten };
});

beforeEach(() => {
  work.done = 0;
});

/** An experiment of so many methods. */
function sweepOver(count: number, also: object = {}): string {
  const rho = Array.from({ length: count }, (_, i) => (i + 1) / 1000);
  const methods = ["lora", { name: "GLAD", sweep: { "glad.rho": rho } }];
  return JSON.stringify({ name: "e", protocol: "few-shot", methods, ...also });
}

/** The most work that a look at a text does in one turn of the host, and in all. */
async function lookedAt(text: string): Promise<{ most: number; all: number; problems: number }> {
  let found: readonly unknown[] | undefined;
  let [most, before] = [0, 0];
  void experimentProblems(text, "/e.experiment.json").then((problems) => (found = problems));
  while (found === undefined) {
    await setImmediate();
    most = Math.max(most, work.done - before);
    before = work.done;
  }
  return { most, all: work.done, problems: found.length };
}

test("a sweep over hundreds of methods is looked at one method a turn, and each once", async () => {
  const config = 1;
  expect(await lookedAt(sweepOver(300))).toEqual({ most: 1, all: config + 301, problems: 0 });
});

test("so it is where the schema refuses another part, or the protocol does", async () => {
  const misspelt = await lookedAt(sweepOver(300, { sedes: [1] }));
  expect(misspelt).toEqual({ most: 1, all: 302, problems: 1 });
  work.done = 0;
  const misplaced = await lookedAt(sweepOver(300, { source: "dtd" }));
  expect(misplaced).toEqual({ most: 1, all: 302, problems: 1 });
});
