import { expect, test, vi } from "vitest";
import type { HostRun } from "../../src/host/runs/hostRun";
import type { Services } from "../../src/host/services";

vi.mock("vscode", () => ({
  l10n: { t: (text: string) => text },
  TreeItemCollapsibleState: {},
  workspace: { asRelativePath: (path: string) => path },
}));
const { chooseCheckpoint, chooseRun, givenNodes, runPicks, selection } =
  await import("../../src/host/commands/targets");

const run = { id: "/runs/one", checkpoints: [] } as unknown as HostRun;
const node = { run, checkpoint: null };

/** A window with one run, and this selected in the tree. */
const window = (selected: unknown[] = []): Services =>
  ({
    store: { runs: [run], get: () => run },
    tree: { selected: () => Promise.resolve(selected) },
  }) as unknown as Services;
const chosen = (given: unknown, services = window()): Promise<HostRun | null> =>
  chooseRun(services, given, () => true, "Which run?");

test("a command takes the run that it is given, or the only one where it is given nothing", async () => {
  for (const given of [undefined, node, run.id]) expect(await chosen(given)).toBe(run);
  expect(await chosen(selection, window([node]))).toBe(run);
});

test("runs of one name and time are told apart by their folders in a list to pick from", () => {
  const of = (id: string, name: string): HostRun =>
    ({ id, name, state: "stopped", silent: null, record: {} }) as unknown as HostRun;
  const runs = [of("/one/runs/a", "a"), of("/two/runs/a", "a"), of("/two/runs/b", "b")];
  expect(runPicks(runs).map(({ label, detail }) => [label, detail])).toEqual([
    ["a", "/one/runs/a"],
    ["a", "/two/runs/a"],
    ["b", undefined],
  ]);
});

test("which checkpoint is asked where there is a choice, with what each reached, the last one first", async () => {
  const checkpoints = [80, 40].map((step) => ({ step, folder: `/c/${step}`, size: 1 }));
  const evaluations: unknown[] = [];
  const trained = { ...run, name: "a", checkpoints, best: { step: 40 }, record: { evaluations } };
  const offered: string[][] = [];
  const services = {
    store: {
      get: () => trained,
      look: () => Promise.resolve(),
      // Its events are read when somebody asks.
      follow: () => ({
        ready: Promise.resolve().then(() =>
          [80, 40].forEach((step) =>
            evaluations.push({ step, split: "val", accuracy: step + 0.123, zeroShot: false }),
          ),
        ),
        dispose: () => undefined,
      }),
    },
    prompts: {
      pick: (items: { label: string; description: string }[]) => {
        offered.push(items.map(({ label, description }) => `${label}: ${description}`));
        return Promise.resolve(items[0]);
      },
    },
  } as unknown as Services;
  const chosen = await chooseCheckpoint(services, run.id, "Which?", { only: true });
  expect(offered).toEqual([["Step {0}: val 80.12% · last", "Step {0}: val 40.12% · best"]]);
  expect(chosen).toMatchObject({ checkpoint: checkpoints[0], isNamed: true });

  trained.checkpoints = checkpoints.slice(1);
  expect(await chooseCheckpoint(services, run.id, "Which?", { only: true })).toMatchObject({
    checkpoint: checkpoints[1],
    isNamed: false,
  });
  expect(offered).toHaveLength(1);
  // What is deleted or gone back to is named.
  evaluations.length = 0;
  await chooseCheckpoint(services, run.id, "Which?");
  expect(offered[1]).toEqual(["Step {0}: val 40.12% · best · last"]);

  trained.checkpoints = [];
  await expect(chooseCheckpoint(services, run.id, "Which?")).rejects.toThrow("has no checkpoint");
});

test("on the row of an experiment, of its parts or of nothing it takes no run", async () => {
  for (const kind of ["experiments", "experiment", "dataset", "cell"]) {
    await expect(chosen({ kind })).rejects.toThrow("This is done to a run, not to an experiment.");
    expect(await givenNodes(window(), { kind }, [{ kind }, node])).toEqual([node]);
    expect(await givenNodes(window(), { kind }, [{ kind }])).toEqual([]);
  }
  await expect(chosen(selection)).rejects.toThrow("Select a run first.");
});
