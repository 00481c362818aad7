import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { RunSummary } from "../../src/cli/renderRuns";
import type { RunEvent } from "../../src/protocol/events";
import { readEvents } from "../../src/protocol/readEvents";
import {
  checkpointSteps,
  predictionsName,
  type RunPaths,
  runPaths,
} from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import type { RunResult } from "../../src/train/result";
import type { Prediction } from "../../src/train/evaluate";
import type { Measured } from "../../src/train/measure";
import type { Predicted } from "../../src/protocol/predicted";
import { glad, startGlad, until } from "../support/glad";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";
import { writePictures } from "../support/tinyRun";

/** A working folder with a tiny CLIP, pictures and a glad.json that names them by relative paths. */
async function workFolder(steps: number, more: Record<string, unknown> = {}): Promise<string> {
  const folder = temporaryFolder();
  await writeTinyClip(join(folder, "clip"));
  await writePictures(join(folder, "images"));
  const config = {
    name: "tiny",
    model: "./clip",
    data: { root: "images", shots: 4 },
    training: { steps, batchSize: 6 },
    optimizer: { learningRate: 0.01 },
    checkpoints: { every: 5 },
    device: "cpu",
    threads: 1,
    ...more,
  };
  writeFileSync(
    join(folder, "glad.json"),
    `// A run of a minute.\n${JSON.stringify(config, null, 2)}`,
  );
  return folder;
}

function onlyRun(folder: string): RunPaths {
  const [id, ...others] = readdirSync(join(folder, ".glad/runs"));
  expect(others).toEqual([]);
  return runPaths(join(folder, ".glad/runs", id!));
}

/** Starts a long training and waits until it has made a step. */
async function longTraining(...options: string[]) {
  const folder = await workFolder(100_000);
  const training = startGlad(folder, ["train", ...options]);
  await until(() => training.stdout().includes("\nstep 1 of 100,000"), "the first step");
  return { folder, training, paths: onlyRun(folder) };
}

test("a training tells its evaluations, checkpoints and result, and can be measured again", async () => {
  const folder = await workFolder(12);
  const trained = await glad(folder, "train", "--set", "evaluation.every=6");
  expect(trained.stderr).toBe("");
  expect(trained.code).toBe(0);
  const paths = onlyRun(folder);
  const id = paths.folder.slice(-"yyyymmdd-hhmmss-tiny".length);
  const plain = (text: string): string =>
    text
      .replaceAll(folder, "DIR")
      .replaceAll(id, "ID")
      .replaceAll(/\d+\.\d\d%|[+-]\d+\.\d\d/g, "N")
      .replaceAll(/ +\(\d+ of/g, " (n of")
      .replaceAll(/ {2,}N/g, " N")
      .replaceAll(/loss .* left/g, "...")
      .replaceAll(/loss .*measuring/g, "...  measuring")
      .replaceAll(/after \d+ s/g, "after n s");
  expect(plain(trained.stdout)).toMatchInlineSnapshot(`
    "run         .glad/runs/ID
    model       DIR/clip
    device      cpu (1 thread)
                asked for
    zero-shot   all N (n of 8)
    zero-shot   val N (n of 8)
    step 1 of 12  ...
    step 5      saved checkpoints/step-000005
    step 6      all N (n of 8) N
    step 6      val N (n of 8) N
    step 6      saved checkpoints/step-000006
    step 10     saved checkpoints/step-000010
    step 12 of 12  ...  measuring
    step 12     all N (n of 8) N
    step 12     val N (n of 8) N
    step 12     saved checkpoints/step-000012

    split  zero-shot            adapted            difference
    all N (n of 8) N (n of 8) N
    val N (n of 8) N (n of 8) N

    finished    at step 12 after n s: all steps were made
    adapter     .glad/runs/ID/checkpoints/step-000012
    "
  `);
  const result = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;

  const again = await glad(folder, "evaluate", "latest", "--json");
  expect(again.stderr).toBe("");
  expect((JSON.parse(again.stdout) as Measured).results).toEqual(result.adapted);

  const [step] = checkpointSteps(paths);
  const checkpoint = join(paths.checkpoints, `step-00000${step!}`);
  const first = await glad(folder, "evaluate", checkpoint);
  expect(first.code).toBe(0);
  expect(first.stdout).toContain(`checkpoint  .glad/runs/${id}/checkpoints/step-00000${step!}`);
  expect(first.stdout).toMatch(/^split +zero-shot +adapted +difference$/m);

  await predictions(folder, paths);

  const zeroShot = await glad(folder, "zero-shot", "--json");
  expect(zeroShot.stderr).toBe("");
  expect((JSON.parse(zeroShot.stdout) as Measured).results).toEqual(result.zeroShot);
  expect((await glad(folder, "zero-shot", "glad.json")).stdout).toMatch(
    /^all +\d+\.\d\d% +\(\d of 8\)$/m,
  );

  const { code, stderr } = await glad(folder, "resume", id);
  expect(code).toBe(1);
  expect(stderr).toMatch(/has finished \(all steps were made\)/);
});

/** What `glad predict` says of the test images is what the run recorded of them. */
async function predictions(folder: string, paths: RunPaths): Promise<void> {
  const recorded = readFileSync(join(paths.predictions, predictionsName("all", false)), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Prediction);
  const images = join(folder, "images");
  const test = join(images, "test");
  const json = await glad(folder, "predict", "latest", test, "--format", "json");
  expect(json).toMatchObject({ code: 0, stderr: "" });
  const followed = ["predict", "latest", test, "--format", "json", "--progress", "json"];
  const told = await glad(folder, ...followed);
  expect(told).toMatchObject({ code: 0, stdout: json.stdout });
  const steps = told.stderr.trim().split("\n");
  const total = recorded.length;
  expect(JSON.parse(steps[0]!)).toMatchObject({ doing: "opening", total });
  expect(JSON.parse(steps.at(-1)!)).toMatchObject({ total });
  // More images than a command line takes come by standard input.
  const lines = startGlad(
    folder,
    ["predict", "latest", "--stdin", "--format", "json"],
    `${test}\n`,
  );
  expect(await lines.ended).toMatchObject({ code: 0, stdout: json.stdout });
  expect((await glad(folder, "predict", "latest")).stderr).toMatch(/^glad predict: names no image/);
  const predicted = JSON.parse(json.stdout) as Predicted;
  expect(predicted.classes).toEqual(["bird", "car", "cat", "dog"]);
  const of = (path: string) => predicted.images.find((image) => image.path === join(images, path))!;
  expect(predicted.images).toHaveLength(recorded.length);
  for (const { path, top } of recorded)
    expect(of(path).top).toEqual(
      top.map(({ label, probability }) => ({
        name: predicted.classes[label]!,
        probability: expect.closeTo(probability, 5) as number,
      })),
    );

  // One image, names of one's own, and a file that is no image among them.
  const [first] = recorded;
  const broken = join(folder, "broken.png");
  writeFileSync(broken, "no picture");
  const args = ["predict", "latest", join(images, first!.path), broken, "--classes", "egg, =nut"];
  const { code, stdout, stderr } = await glad(folder, ...args, "--format", "csv");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\S*broken\.png is not an image: .*\n$/);
  const [head, row, ...more] = stdout.split("\r\n");
  expect(head).toBe("image,class 1,probability 1,class 2,probability 2");
  expect(row).toMatch(/\.png,('=nut|egg),[01]\.\d{6},('=nut|egg),0\.\d{6}$/);
  expect(more).toEqual([""]);
  const text = await glad(folder, ...args);
  expect(text.stdout).toMatch(/^images\/\S+\.png +\d+\.\d% +(=nut|egg) +(=nut|egg) \d+\.\d%$/m);

  const refused = async (...more: string[]) =>
    (await glad(folder, "predict", "latest", ...more)).stderr;
  expect(await refused("nowhere")).toMatch(/nowhere: does not exist; check the path\n$/);
  mkdirSync(join(folder, "empty"));
  expect(await refused("empty")).toMatch(/empty: holds no image; name a folder of images/);
  expect(await refused(test, "--classes", "egg,")).toMatch(/expected at least two names/);
  expect(await refused(test, "--classes", "egg,egg")).toMatch(/names "egg" twice; take one out/);
}

test("--json prints the run's events and nothing else", async () => {
  const folder = await workFolder(3);
  const { code, stdout } = await glad(folder, "train", "--json", "--set", "training.steps=2");
  expect(code).toBe(0);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  expect(events).toEqual(readEvents(onlyRun(folder).events));
  expect(events.filter(({ type }) => type === "step")).toHaveLength(2);
});

test("Ctrl-C stops after the step with 130; resume goes on; a second Ctrl-C ends at once", async () => {
  const { folder, training, paths } = await longTraining();
  training.child.kill("SIGINT");
  const stopped = await training.ended;
  expect(stopped).toMatchObject({ code: 130, stderr: "" });
  expect(stopped.stdout).toMatch(/^stopping {4}after this step/m);
  const { step } = readStatus(paths)!;
  expect(stopped.stdout).toMatch(new RegExp(`^stopped {5}at step ${step} after`, "m"));
  expect(checkpointSteps(paths)).toContain(step);

  const resumed = startGlad(folder, ["resume", "latest"]);
  await until(() => resumed.stdout().includes(`from step ${step}`), "the resumption");
  await until(() => readStatus(paths)!.step > step + 6, "more steps");
  // The second one comes before the first was carried out: the trainer cannot look while it is stopped.
  process.kill(readStatus(paths)!.pid!, "SIGSTOP");
  resumed.child.kill("SIGINT");
  await until(() => resumed.stdout().includes("stopping"), "the first Ctrl-C");
  resumed.child.kill("SIGINT");
  const killed = await resumed.ended;
  expect(killed.code).toBe(130);
  expect(killed.stderr).toMatch(
    /the trainer was ended by force \(SIGKILL\); `glad resume .*` goes on from step \d+\n$/,
  );
  const [listed] = JSON.parse((await glad(folder, "runs", "--json")).stdout) as RunSummary[];
  expect(listed).toMatchObject({
    state: "stopped",
    reason: expect.stringMatching(
      /^stopped on request: its trainer was ended at once; the checkpoint of step \d+ is kept, /,
    ) as string,
  });
});

test.skipIf(process.platform === "win32")(
  "of a run whose trainer hangs the list says so, and it can be ended",
  async () => {
    const { folder, training, paths } = await longTraining();
    const { pid } = readStatus(paths)!;
    process.kill(pid!, "SIGSTOP");
    // It writes nothing more, so that time can be said to have passed.
    const heartbeat = new Date(Date.now() - 95_000).toISOString();
    writeFileSync(paths.status, JSON.stringify({ ...readStatus(paths), heartbeat }));
    const id = basename(paths.folder);
    const says = new RegExp(
      `^${id}: its trainer has not answered for 1 min \\d\\d s; \`glad stop --now ${id}\` ends it`,
      "m",
    );
    const { stdout } = await glad(folder, "runs");
    expect(stdout).toMatch(new RegExp(`^${id} +running `, "m"));
    expect(stdout).toMatch(says);
    const [listed] = JSON.parse((await glad(folder, "runs", "--json")).stdout) as RunSummary[];
    expect(listed!.silentSeconds).toBeGreaterThanOrEqual(95);

    for (const command of ["resume", "pause", "checkpoint"]) {
      const refused = await glad(folder, command, id);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(says);
    }

    const copy = join(folder, ".glad/runs/copy");
    cpSync(paths.folder, copy, { recursive: true });
    const wrong = await glad(folder, "stop", "copy", "--now");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain(
      `copy: is a copy of ${realpathSync(paths.folder)}, whose trainer`,
    );
    rmSync(copy, { recursive: true });

    const asked = startGlad(folder, ["stop", id]);
    await until(() => says.test(asked.stderr()), "the hint");
    expect((await glad(folder, "stop", id, "--now")).code).toBe(0);
    expect((await asked.ended).code).toBe(0);
    expect((await training.ended).code).toBe(2);
    const [after] = JSON.parse((await glad(folder, "runs", "--json")).stdout) as RunSummary[];
    expect(after).toMatchObject({ state: "stopped", forced: true, silentSeconds: null });
    expect((await glad(folder, "runs")).stdout).toMatch(
      new RegExp(`^${id}: stopped on request: its trainer was ended at once; `, "m"),
    );
  },
);

test("a run whose folder is deleted while it is trained ends, and says why", async () => {
  // One that is being written meanwhile would be written to its end.
  const { training, paths } = await longTraining("--set", "checkpoints.every=0");
  renameSync(paths.folder, `${paths.folder}-elsewhere`);
  const { code, stderr } = await training.ended;
  expect(code).toBe(2);
  expect(stderr).toBe(
    `${paths.folder}: was deleted or moved away while it was trained; its trainer has ended\n`,
  );
  expect(existsSync(paths.folder)).toBe(false);
});

test("another terminal can pause, continue, save, stop and list a run", async () => {
  const { folder, training, paths } = await longTraining();
  const id = paths.folder.slice(paths.folder.lastIndexOf("/") + 1);
  expect((await glad(folder, "pause", "latest")).stdout).toBe(
    `${id} pauses after its present step\n`,
  );
  await until(() => readStatus(paths)?.state === "paused", "the pause");
  const table = await glad(folder, "runs");
  expect(table.stdout).toMatch(new RegExp(`^${id} +paused +[\\d,]+ of 100,000 +- +cpu$`, "m"));
  const refused = await glad(folder, "resume", id.slice(0, 12));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /is being trained by process \d+; `glad continue` goes on with it/,
  );
  const { step } = readStatus(paths)!;
  expect((await glad(folder, "checkpoint", paths.folder)).code).toBe(0);
  await until(() => checkpointSteps(paths).includes(step), "the checkpoint");
  expect((await glad(folder, "continue", id)).stdout).toBe(`${id} goes on\n`);
  await until(() => readStatus(paths)!.step > step, "more steps");
  const stopped = await glad(folder, "stop", id);
  expect(stopped.code).toBe(0);
  expect(stopped.stdout).toMatch(/ stopped at step \d+; `glad resume .*` goes on from step \d+\n$/);
  expect((await training.ended).code).toBe(130);
  const twice = await glad(folder, "stop", id);
  expect(twice).toMatchObject({
    code: 1,
    stderr: `${id}: is not running but stopped; \`glad runs\` shows what runs\n`,
  });
});

test("a trainer that dies without a word is told of, and its run goes on where it was saved", async () => {
  const { folder, training, paths } = await longTraining();
  await until(() => checkpointSteps(paths).length > 0, "a checkpoint");
  process.kill(readStatus(paths)!.pid!, "SIGKILL");
  const { code, stderr } = await training.ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^\S+: the trainer was ended by force \(SIGKILL\); `glad resume .*` goes on from step \d+\n$/,
  );
  const saved = checkpointSteps(paths).at(-1)!;
  const resumed = startGlad(folder, ["resume", paths.folder, "--device", "cpu", "--json"]);
  await until(() => resumed.stdout().includes('"type":"step"'), "a step");
  const [first] = resumed.stdout().split("\n", 1);
  expect(JSON.parse(first!)).toMatchObject({ type: "started", step: saved, resumed: true });
  resumed.child.kill("SIGINT");
  expect((await resumed.ended).code).toBe(130);
});

test("a detached training outlives its command; stop --now ends it at once", async () => {
  const folder = await workFolder(100_000);
  const started = await glad(folder, "train", "--detach");
  expect(started).toMatchObject({ code: 0, stderr: "" });
  expect(started.stdout).toMatch(/^started {5}in the background/m);
  const paths = onlyRun(folder);
  await until(() => readEvents(paths.events).some(({ type }) => type === "step"), "a step");
  const stopped = await glad(folder, "stop", "latest", "--now");
  expect(stopped.code).toBe(0);
  const table = await glad(folder, "runs");
  expect(table.stdout).toMatch(/ stopped .*\n.*: its trainer was ended at once; /);
});

test("a mistake that shows before the training, or during it, is one sentence and exit code 1", async () => {
  const folder = await workFolder(3);
  const before = await glad(folder, "train", "--init-adapter", "nowhere");
  expect(before).toMatchObject({ code: 1, stdout: "" });
  expect(before.stderr).toMatch(/^.*nowhere.*\n$/);
  const device = await glad(folder, "train", "--set", "device=cuda:99");
  expect(device).toMatchObject({ code: 1, stdout: "" });
  expect(device.stderr).toMatch(/^device "cuda:99" cannot be used: [^\n]+\n$/);
  // Nothing is left of either.
  expect(existsSync(join(folder, ".glad/runs"))).toBe(false);
  writeFileSync(join(folder, "images/train/cat/train-0.png"), "no image");
  const during = await glad(folder, "train");
  expect(during.code).toBe(1);
  expect(during.stdout).toMatch(/^run /);
  expect(during.stderr).toMatch(/^.*train-0\.png.*\n$/);
});
