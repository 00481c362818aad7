import { execFile } from "node:child_process";
import {
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { queueFolder, queuePaths } from "../../src/executors/queueStore";
import { queueHolder } from "../../src/executors/runQueue";
import { collectResults } from "../../src/experiments/collect";
import { readRecord } from "../../src/experiments/record";
import { renderTable } from "../../src/experiments/renderTable";
import { makeTable } from "../../src/experiments/table";
import {
  type ExperimentPort,
  type ExperimentStore,
  openExperimentStore,
} from "../../src/host/experiments/experimentStore";
import { tableText } from "../../src/host/experiments/tableText";
import type { HostRun } from "../../src/host/runs/hostRun";
import { openRunStore, type RunStore } from "../../src/host/runs/runStore";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import type { ExperimentStatus } from "../../src/protocol/experimentStatus";
import { UserError } from "../../src/util/errors";
import { glad } from "../support/glad";
import { watchTurns } from "../support/turns";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";
import { repository, writePictures } from "../support/tinyRun";
import { until } from "../support/until";

const open: { dispose(): void }[] = [];
afterEach(() => open.splice(0).forEach((store) => store.dispose()));

/** A small experiment on tiny pictures, with two methods and two seeds. */
async function prepare(): Promise<{ folder: string; file: string }> {
  const folder = temporaryFolder();
  await writeTinyClip(join(folder, "clip"));
  await writePictures(join(folder, "photos"), 4);
  const file = join(folder, "halves.experiment.json");
  write(file, {});
  return { folder, file };
}

const config = {
  model: "./clip",
  device: "cpu",
  threads: 1,
  training: { steps: 40, batchSize: 4 },
};

function write(file: string, change: object): void {
  const content = {
    name: "halves",
    protocol: "base-to-novel",
    datasets: [{ root: "photos" }],
    seeds: [1, 2],
    shots: [2],
    methods: ["zero-shot", "glad"],
    config,
    executor: { kind: "local", parallel: 2 },
    ...change,
  };
  writeFileSync(file, JSON.stringify(content));
}

/** A port to the real program. */
function port(change: Partial<ExperimentPort> = {}): ExperimentPort & { asked: number } {
  const made = {
    asked: 0,
    async status(file: string): Promise<ExperimentStatus> {
      made.asked++;
      const cli = join(repository, "dist/cli.js");
      const run = promisify(execFile)(process.execPath, [
        cli,
        "experiment",
        "status",
        file,
        "--json",
      ]);
      const { stdout } = await run.catch(({ stderr }: { stderr: string }) => {
        throw new UserError(stderr.trim());
      });
      return JSON.parse(stdout) as ExperimentStatus;
    },
    mayAsk: () => true,
    texts: {
      fileGone: "Its file is gone; its runs and its table are still there",
      trainerGone: "its trainer is gone",
    },
    ...change,
  };
  return made;
}

function stores(folder: string, file: string, to = port()): [RunStore, ExperimentStore] {
  const runs = openRunStore(200);
  const experiments = openExperimentStore(runs, to, 200);
  open.push(experiments, runs);
  experiments.onFolders(() => runs.setFolders(experiments.runFolders()));
  experiments.setFiles([{ file, name: "halves", output: join(folder, ".glad") }]);
  return [runs, experiments];
}

describe("an experiment", { timeout: 120_000 }, () => {
  test("is expanded before its first run, followed through it, and added to", async () => {
    const { folder, file } = await prepare();
    const [, experiments] = stores(folder, file);
    await until(() => experiments.get(file)?.record !== null, "the experiment");
    expect(experiments.get(file)).toMatchObject({ state: "new", problem: null });
    expect(experiments.get(file)!.progress).toMatchObject([
      { method: "Zero-shot", runs: 1, finished: 0, share: 0 },
      { method: "GLAD", runs: 2, finished: 0, share: 0 },
    ]);

    const states = new Set<string>();
    experiments.onChange((changed) => states.add(experiments.get(changed)!.state));
    const { code } = await glad(folder, "experiment", "run", file, "--detach");
    expect(code).toBe(0);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    expect(states).toContain("running");
    const { record, results, progress } = experiments.get(file)!;
    expect(progress.map(({ finished, share }) => [finished, share])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(record!.cells.every(({ run }) => experiments.holds(join(record!.runs, run!)))).toBe(
      true,
    );
    // What the store gathered from its runs is what the command line reads itself.
    await until(
      () => experiments.get(file)!.results.every(({ splits }) => splits !== null),
      "the experiment",
    );
    const own = readRecord(join(folder, ".glad/experiments/halves/experiment.json"))!;
    const wanted = renderTable(makeTable(own, collectResults(own)), "csv");
    expect(tableText(experiments.get(file)!, "csv")).toBe(wanted);
    expect(results).toHaveLength(3);

    write(file, { seeds: [1, 2, 3] });
    await until(() => experiments.get(file)?.state === "partial", "the experiment");
    expect(experiments.get(file)!.progress[1]).toMatchObject({ runs: 3, finished: 2 });
  });

  test("whose file is wrong says what is wrong, until it is mended", async () => {
    const { folder, file } = await prepare();
    write(file, { protocol: "halfs" });
    const [, experiments] = stores(folder, file);
    await until(() => experiments.get(file)?.state === "broken", "the experiment");
    expect(experiments.get(file)!.problem).toMatch(/protocol is "halfs", expected "few-shot"/);
    write(file, {});
    await until(() => experiments.get(file)?.state === "new", "the experiment");
    expect(experiments.get(file)!.problem).toBeNull();
  });

  test("is known by its record where the program may not be asked, also where its file is elsewhere", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    const silent = port({ mayAsk: () => false });
    const [, experiments] = stores(folder, file, silent);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    expect(silent.asked).toBe(0);

    const moved = join(folder, "other.experiment.json");
    renameSync(file, moved);
    experiments.setFiles([], [join(folder, ".glad")]);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    expect(experiments.experiments.map((each) => each.file)).toEqual([file]);
    expect(experiments.isEmpty).toBe(false);
    experiments.setFiles([]);
    expect(experiments.isEmpty).toBe(true);
  });

  test("that is finished is asked for again when somebody wants to know, and says whether its images are others", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    const to = port();
    const [, experiments] = stores(folder, file, to);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    await experiments.refresh();
    const asked = to.asked;
    for (const part of ["train", "test"])
      cpSync(join(folder, "photos", part, "cat"), join(folder, "photos", part, "tiger"), {
        recursive: true,
      });
    await experiments.refresh();
    expect([to.asked, experiments.get(file)!.stale]).toEqual([asked, null]);
    experiments.want(file);
    await until(() => experiments.get(file)!.stale !== null, "the images");
    expect(to.asked).toBe(asked + 1);
    expect(experiments.get(file)).toMatchObject({
      state: "finished",
      problem: null,
      stale: expect.stringContaining("photos: the images are others") as string,
    });

    for (const part of ["train", "test"])
      rmSync(join(folder, "photos", part, "tiger"), { recursive: true });
    experiments.want(file);
    await until(() => experiments.get(file)!.stale === null, "the images");
    // What somebody else found holds until the runs are made again.
    const changes: string[] = [];
    experiments.onChange((changed) => changes.push(changed));
    experiments.noteStale(file, "others");
    experiments.noteStale(file, "others");
    expect([experiments.get(file)!.stale, changes]).toEqual(["others", [file]]);
    await glad(folder, "experiment", "run", file);
    await until(() => experiments.get(file)!.stale === null, "the new record");
  });

  test("whose queue was killed is incomplete and says why, until it is gone on with", async () => {
    const { folder, file } = await prepare();
    write(file, {
      config: { ...config, training: { steps: 100_000, batchSize: 4 } },
      executor: { kind: "local", parallel: 1 },
    });
    const paths = queuePaths(queueFolder(join(folder, ".glad")));
    try {
      await glad(folder, "experiment", "run", file, "--detach");
      const [runs, experiments] = stores(folder, file);
      const live = (): HostRun | undefined => runs.runs.find(({ state }) => state === "running");
      const last = (): HostRun | undefined =>
        runs.runs.find(({ name, state }) => state === "running" && name.includes("glad"));
      await until(() => last() !== undefined, "the first run of GLAD");
      await until(() => experiments.get(file)!.waiting === 1, "a waiting run");
      expect(experiments.get(file)!.state).toBe("running");
      process.kill(queueHolder(paths)!.pid, "SIGKILL");
      process.kill(live()!.status!.pid!, "SIGKILL");
      await until(() => experiments.get(file)!.state === "partial", "the queue's end");
      await until(() => experiments.get(file)!.problem !== null, "the reason");
      expect(experiments.get(file)!.problem).toBe(
        "Nobody works on the queue: its process has ended",
      );
      const told = await glad(folder, "experiment", "status", file);
      expect(told.stdout).toMatch(
        /its process has ended; `glad experiment\s+run halves\.\S+` goes on/,
      );

      await glad(folder, "experiment", "run", file, "--detach");
      await until(() => experiments.get(file)!.state === "running", "going on");
      await until(() => experiments.get(file)!.problem === null, "no problem");
    } finally {
      // Runs without an end would go on, and hold places of this machine that other tests wait for.
      await glad(folder, "experiment", "stop", file);
      await until(() => queueHolder(paths) === null, "the queue's end");
    }
  });

  test("of which an executor holds what is only to be measured is asked for until it holds nothing", async () => {
    const { folder, file } = await prepare();
    for (const name of ["night", "fog"]) await writePictures(join(folder, name), 1);
    const own = { protocol: "own", datasets: null, source: { root: "photos" }, methods: ["glad"] };
    write(file, { ...own, seeds: [1], targets: [{ root: "night" }] });
    await glad(folder, "experiment", "run", file);
    write(file, { ...own, seeds: [1], targets: [{ root: "night" }, { root: "fog" }] });
    // As it is once it was handed in again.
    const [name = ""] = readdirSync(join(folder, ".glad/runs"));
    const paths = runPaths(join(folder, ".glad/runs", name));
    writeFileSync(paths.status, JSON.stringify({ ...readStatus(paths), state: "stopped" }));
    const real = port();
    let held: object = { pending: { [paths.folder]: null }, idle: "nobody is there" };
    const status: ExperimentPort["status"] = async (of) => ({
      ...(await real.status(of)),
      ...held,
    });
    const [, experiments] = stores(folder, file, port({ status }));
    const problem = (): string | null | undefined => experiments.get(file)?.problem;
    await until(() => problem() === "nobody is there", "what it waits for");
    expect(experiments.get(file)).toMatchObject({ state: "partial", waiting: 0 });
    // Each answer soon after a record was seen is asked for anew.
    await new Promise((settle) => setTimeout(settle, 4000));
    held = {};
    await until(() => problem() === null, "that it was taken back");
  });

  test("whose file is deleted stays with its runs, and says so", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    const [, experiments] = stores(folder, file);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    unlinkSync(file);
    const gone = "Its file is gone; its runs and its table are still there";
    await until(() => experiments.get(file)!.problem === gone, "the reason");
    expect(experiments.get(file)!.state).toBe("finished");
  });

  test("takes in what its runs are measured on besides, however quick that is", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    const [runs, experiments] = stores(folder, file);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    const run = runs.runs.find(({ name }) => name.includes("seed2-glad"))!;
    const countsOf = () =>
      experiments.get(file)!.results.find(({ cell }) => cell.run === run.name)!.splits!;
    expect(Object.keys(countsOf())).not.toContain("target:night");
    // No look need have seen the trainer that wrote this.
    const { result } = run.paths;
    const text = JSON.parse(readFileSync(result, "utf8")) as { adapted: object[] };
    const adapted = [...text.adapted, { split: "target:night", correct: 1, total: 2 }];
    writeFileSync(result, JSON.stringify({ ...text, adapted }));
    await until(() => "target:night" in countsOf(), "the new counts");
    expect(countsOf()["target:night"]).toEqual({ correct: 1, total: 2 });
  });

  test("tells how many of its runs are lost, until they are made again", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    const [runs, experiments] = stores(folder, file);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    expect(experiments.get(file)!.lost).toBe(0);
    const victim = runs.runs.find(({ name }) => name.includes("seed2-glad"))!;
    const trash = join(folder, "trash");
    renameSync(victim.id, trash);
    await until(() => experiments.get(file)!.lost === 1, "the deleted run");
    expect(experiments.get(file)!.state).toBe("partial");
    renameSync(trash, victim.id);
    await until(() => experiments.get(file)!.lost === 0, "the run that came back");
    await until(() => experiments.get(file)!.state === "finished", "the whole");

    rmSync(victim.id, { recursive: true });
    await until(() => experiments.get(file)!.lost === 1, "the deleted run");
    await glad(folder, "experiment", "run", file);
    await until(() => experiments.get(file)!.state === "finished", "the run that was made again");
    await until(() => experiments.get(file)!.lost === 0, "no deleted run");
  });

  test("that was handed in elsewhere is asked for at the next look, not only after ten", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    write(file, { seeds: [1, 2, 3] });
    const to = port();
    const runs = openRunStore(200);
    // Looks are taken by hand.
    const experiments = openExperimentStore(runs, to, 600_000);
    open.push(experiments, runs);
    experiments.onFolders(() => runs.setFolders(experiments.runFolders()));
    experiments.setFiles([{ file, name: "halves", output: join(folder, ".glad") }]);
    await until(() => experiments.get(file)!.state === "partial", "the third seed");
    await experiments.refresh();
    const before = to.asked;
    await experiments.refresh();
    expect(to.asked).toBe(before);

    // As a command line does it that is about to run the third seed.
    const record = join(folder, ".glad/experiments/halves/experiment.json");
    writeFileSync(record, JSON.stringify(experiments.get(file)!.record));
    await experiments.refresh();
    expect(to.asked).toBe(before + 1);
    await experiments.refresh();
    expect(to.asked).toBe(before + 1);
  });

  test("of whose runs another one makes some is still to be run, and then has runs at work and none left", async () => {
    const { folder, file } = await prepare();
    const endless = { methods: ["glad"], config: { ...config, training: { steps: 1_000_000 } } };
    const wider = join(folder, "wider.experiment.json");
    write(file, { ...endless, seeds: [1] });
    write(wider, { ...endless, name: "wider", seeds: [1, 2] });
    const [, experiments] = stores(folder, file);
    const output = join(folder, ".glad");
    experiments.setFiles([
      { file, name: "halves", output },
      { file: wider, name: "wider", output },
    ]);
    const running = (): number | undefined => experiments.get(wider)?.progress[0]?.running;
    try {
      await glad(folder, "experiment", "run", file, "--detach");
      await until(() => running() === 1, "the shared run");
      expect(experiments.get(wider)).toMatchObject({ state: "new", left: 0 });
      expect(experiments.get(file)!.state).toBe("running");
      await glad(folder, "experiment", "run", wider, "--detach");
      await until(() => running() === 2, "the other run");
      expect(experiments.get(wider)).toMatchObject({ state: "running", left: 0 });
    } finally {
      await glad(folder, "experiment", "stop", wider);
      const queue = queuePaths(join(output, "queue"));
      await until(() => running() === 0 && queueHolder(queue) === null, "their end");
    }
  });

  test("that is whole and was not changed is not asked for", async () => {
    const { folder, file } = await prepare();
    await glad(folder, "experiment", "run", file);
    const past = new Date(Date.now() - 60_000);
    utimesSync(file, past, past);
    const to = port();
    const [, experiments] = stores(folder, file, to);
    await until(() => experiments.get(file)?.state === "finished", "the experiment");
    await experiments.refresh();
    const before = to.asked;
    await experiments.refresh();
    expect(to.asked).toBe(before);
    // Once at most: before its runs were read it may have looked unfinished.
    expect(before).toBeLessThanOrEqual(1);
  });
});

test("500 runs are taken in without keeping others from their turn", async () => {
  const { bigExperiment } = await import("../support/bigExperiment");
  const folder = temporaryFolder();
  const file = bigExperiment(folder, 500);
  const turns = watchTurns();
  const [, experiments] = stores(folder, file, port({ mayAsk: () => false }));
  await until(() => experiments.get(file)?.state === "finished", "the experiment");
  await until(
    () => experiments.get(file)!.results.every(({ splits }) => splits !== null),
    "the experiment",
  );
  const { cpu: longest } = turns.end();
  const started = process.cpuUsage();
  const text = tableText(experiments.get(file)!, "csv")!;
  const table = process.cpuUsage(started).user / 1000;
  console.log(`500 runs: longest turn ${longest.toFixed(1)} ms, table ${table.toFixed(1)} ms`);
  expect(text.split("\r\n").length).toBeGreaterThan(100);
  expect(longest).toBeLessThan(20);
  expect(table).toBeLessThan(100);
});
