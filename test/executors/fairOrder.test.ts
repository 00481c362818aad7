import { expect, test } from "vitest";
import { inTurn } from "../../src/executors/fairOrder";

interface Run {
  name: string;
  group: string;
  state: "waiting" | "running" | "done";
  started: string | null;
}

const run = (group: string, i: number): Run => ({
  name: `${group}-${i}`,
  group,
  state: "waiting",
  started: null,
});

/** The order in which runs start where `places` runs are at work at once and each takes equally long. */
function order(runs: Run[], places: number): string[] {
  const started: string[] = [];
  for (;;) {
    const working = runs.filter(({ state }) => state === "running");
    if (working.length === places) working[0]!.state = "done";
    const [next] = inTurn(runs);
    if (next === undefined) return started;
    next.state = "running";
    next.started = new Date(started.length).toISOString();
    started.push(next.name);
  }
}

test("one group keeps its order", () => {
  const runs = [0, 1, 2, 3].map((i) => run("a", i));
  expect(order(runs, 2)).toEqual(["a-0", "a-1", "a-2", "a-3"]);
});

test("a small group does not wait for a large one that came first", () => {
  const runs = [...[0, 1, 2, 3, 4].map((i) => run("a", i)), run("b", 0), run("b", 1)];
  expect(order(runs, 1)).toEqual(["a-0", "b-0", "a-1", "b-1", "a-2", "a-3", "a-4"]);
});

test("a group with fewer runs at work comes first, whoever was served last", () => {
  const runs = [
    { ...run("a", 0), state: "running" as const, started: "2026-01-01" },
    { ...run("a", 1), state: "running" as const, started: "2026-01-02" },
    run("a", 2),
    { ...run("b", 0), state: "running" as const, started: "2026-01-03" },
    run("b", 1),
  ];
  expect(inTurn(runs).map(({ name }) => name)).toEqual(["b-1", "a-2"]);
});

test("an interrupted run is resumed before later ones of its group", () => {
  const runs = [{ ...run("a", 0), started: "2026-01-01" }, run("a", 1)];
  expect(inTurn(runs).map(({ name }) => name)).toEqual(["a-0", "a-1"]);
});
