import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { glad } from "../support/glad";
import { writeTinyClip } from "../support/tinyClip";
import { writePictures } from "../support/tinyRun";

/** What models, data and processors show to be wrong is told before a run is made, all of it at once. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  await writeTinyClip(join(folder, "clip"));
  await writePictures(join(folder, "few"), 2);
  await writePictures(join(folder, "many"), 5);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

interface Change {
  datasets?: string[];
  methods?: unknown[];
  device?: string;
  shots?: number[];
  executor?: object;
  training?: object;
}

/** Writes an experiment that keeps its runs below a folder of its own. */
function experiment(name: string, change: Change): string {
  const { datasets = ["many"], methods, device, shots, executor, training } = change;
  const file = join(folder, `${name}.experiment.json`);
  const content = {
    name,
    protocol: "few-shot",
    datasets: datasets.map((root) => ({ root })),
    shots: shots ?? [1, 4],
    seeds: [1],
    methods: methods ?? ["zero-shot", "lora"],
    config: {
      model: "clip",
      output: name,
      training: { steps: 1, batchSize: 4, ...training },
      device,
    },
    executor,
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const runs = (name: string): string[] => {
  const path = join(folder, name, "runs");
  return existsSync(path) ? readdirSync(path) : [];
};

test("one data set that cannot serve keeps all runs from being made, and says so", async () => {
  const file = experiment("shots", { datasets: ["many", "few"], device: "cpu" });
  const told =
    /LoRA on few: shots: class "\w+" has only 2 of the 4 training images asked for, .*; set it to a list of numbers of at most 2, e\.g\. \[1\]/;
  const check = await glad(folder, "experiment", "check", file);
  expect(check.code).toBe(1);
  expect(check.stdout).toMatch(told);
  expect(check.stdout).toMatch(/\n1 problem\n$/);
  const run = await glad(folder, "experiment", "run", file);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(told);
  // Nothing is left of what was refused.
  expect(existsSync(join(folder, "shots"))).toBe(false);
});

test("this machine's memory counts for runs on it, not for a cluster's", async () => {
  const training = { batchSize: 1e9, microBatchSize: 1e9 };
  const check = (name: string, executor: object) =>
    glad(folder, "experiment", "check", experiment(name, { training, executor, device: "cpu" }));
  const here = await check("here", { kind: "local" });
  expect(here).toMatchObject({ code: 1 });
  expect(here.stdout).toMatch(/training\.\w+ is 1000000000: the run takes about/);
  expect(await check("cluster", { kind: "slurm" })).toMatchObject({ code: 0 });
});

test("where Slurm's commands are not, a file for a cluster is right and a note says so", async () => {
  const file = experiment("login", { executor: { kind: "slurm" }, device: "cpu" });
  vi.stubEnv("PATH", "/nowhere");
  const check = (...more: string[]) => glad(folder, "experiment", "check", file, ...more);
  const note = /sbatch: not found; run this where Slurm's commands are/;
  const { code, stdout } = await check();
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`: note: ${note.source}.*\n\\S+: nothing is wrong\n$`));
  expect(JSON.parse((await check("--json")).stdout)).toEqual([
    expect.objectContaining({ setting: "executor.kind", state: "note", fixes: [] }),
  ]);
  // To begin is refused before anything is made.
  const run = await glad(folder, "experiment", "run", file);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(
    /login\.experiment\.json, executor\.kind is "slurm": sbatch: not found/,
  );
  expect(existsSync(join(folder, "login"))).toBe(false);
});

test("everything that is wrong is told at once", async () => {
  const layers = { name: "deep", preset: "lora", set: { lora: { layers: [99] } } };
  const file = experiment("both", { datasets: ["many", "few"], methods: ["lora", layers] });
  const { code, stderr } = await glad(folder, "experiment", "run", file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/, LoRA on few: shots: /);
  expect(stderr).toMatch(/, deep on many: lora\.layers/);
  expect(runs("both")).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "a processor that cannot be opened is told of, and no run is made",
  async () => {
    const file = experiment("gone", { device: "cuda:9" });
    const told = /device "cuda:9" cannot be used: /;
    const check = await glad(folder, "experiment", "check", file);
    expect(check).toMatchObject({ code: 1 });
    expect(check.stdout).toMatch(/^\S+, line 1: device "cuda:9" cannot be used: .*\n1 problem\n$/);
    const run = await glad(folder, "experiment", "run", file);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(told);
    expect(runs("gone")).toEqual([]);
  },
);

test("runs that were made for a processor that is not there go on with another", async () => {
  const made = experiment("moved", { device: "cpu", shots: [1] });
  expect((await glad(folder, "experiment", "run", made)).code).toBe(0);
  // As if they had been made, and had failed, where there was another processor.
  for (const run of runs("moved")) {
    const path = join(folder, "moved", "runs", run);
    const change = (name: string, values: object): void => {
      const file = join(path, name);
      const before = JSON.parse(readFileSync(file, "utf8")) as object;
      writeFileSync(file, JSON.stringify({ ...before, ...values }));
    };
    change("config.json", { device: "cuda:9" });
    change("status.json", { state: "failed", reason: "there is no such GPU" });
    rmSync(join(path, "result.json"));
  }
  const { stdout } = await glad(folder, "experiment", "status", made);
  expect(stdout).toMatch(
    /\n\n2 runs +failed: there is no such GPU\n +`glad experiment run moved\S+` goes on with what\s+is\s+left\n$/,
  );
  const count = runs("moved").length;
  const again = await glad(folder, "experiment", "run", made);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toMatch(/LoRA/);
  expect(runs("moved")).toHaveLength(count);
});

test("a run that was deleted is told of and made again, and no other", async () => {
  const file = experiment("deleted", { device: "cpu", shots: [1] });
  expect((await glad(folder, "experiment", "run", file)).code).toBe(0);
  const [gone, kept] = runs("deleted");
  rmSync(join(folder, "deleted/runs", gone!), { recursive: true });
  const { stdout } = await glad(folder, "experiment", "status", file);
  expect(stdout).toMatch(
    /\n\n1 run +deleted, moved away or damaged; `glad experiment run\s+deleted\S+`\s+makes\s+it\s+again\n$/,
  );
  const again = await glad(folder, "experiment", "run", file);
  expect(again.code).toBe(0);
  expect(again.stderr).toMatch(/^1 run made in /m);
  expect(runs("deleted")).toHaveLength(2);
  expect(runs("deleted")).toContain(kept);
  const after = await glad(folder, "experiment", "status", file);
  expect(after.stdout).not.toContain("deleted, moved");
});
