import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import { checkpointSteps, requestControl, runPaths } from "../../src/protocol/runFolder";
import { readStatus, runState } from "../../src/protocol/status";
import type { RunResult } from "../../src/train/result";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyRun } from "../support/tinyRun";

const adapter = (folder: string, step: string): Buffer =>
  readFileSync(join(folder, "checkpoints", step, "adapter_model.safetensors"));

/** Waits until a condition on the run folder holds. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((settle) => setTimeout(settle, 5));
  }
}

test("a run from the beginning to its end", async () => {
  const { paths } = await tinyRun(temporaryFolder());
  const { code, output } = await startTrainer(paths.folder).ended;
  expect(output).toBe("");
  expect(code).toBe(0);
  const events = readEvents(paths.events);
  expect(events.map(({ n }) => n)).toEqual(events.map((_, i) => i));
  const steps = events.filter((event) => event.type === "step");
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  for (const step of steps) {
    expect(step.sharpness).toBeCloseTo(step.perturbedLoss! - step.loss, 10);
    expect(step.cosine).toBeGreaterThan(-1);
    expect(step.finalGradientNorm).toBeGreaterThan(0);
  }
  expect(
    events
      .filter((event) => event.type === "evaluated")
      .map(({ step, zeroShot, split }) => `${step} ${zeroShot} ${split}`),
  ).toEqual(
    [0, 5, 10, 12].flatMap((step) => [`${step} ${step === 0} all`, `${step} ${step === 0} val`]),
  );
  const result = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
  expect(result.adapted.map(({ split, total }) => `${split} ${total}`)).toEqual(["all 8", "val 8"]);
  expect(result.reason).toBe("completed");
  // The newest two, and the best where it is older.
  const kept = checkpointSteps(paths);
  expect(kept.at(-1)).toBe(12);
  expect(kept).toContain(result.best!.step);
  expect(kept.length).toBe(kept.at(-2) === result.best!.step || result.best!.step === 12 ? 2 : 3);
  const status = readStatus(paths)!;
  expect(status).toMatchObject({
    state: "finished",
    step: 12,
    steps: 12,
    device: "cpu (1 thread)",
  });
  expect(existsSync(paths.lock)).toBe(false);
});

test("killed at any moment and resumed, it ends with the bytes of a run that was never killed", async () => {
  const folder = temporaryFolder();
  const glad = { period: 2 };
  const whole = await tinyRun(join(folder, "whole"), { glad });
  const started = performance.now();
  expect((await startTrainer(whole.paths.folder).ended).code).toBe(0);
  const duration = performance.now() - started;
  const { paths } = await tinyRun(join(folder, "broken"), { glad });
  // Kills spread over the life of a process, from its first milliseconds to its end; then it is let alone.
  let kills = 0;
  for (let attempt = 0; ; attempt++) {
    const { child, ended } = startTrainer(paths.folder);
    const moment = attempt < 8 ? duration * ((0.1 + 0.618 * attempt) % 1) : Infinity;
    const timer = setTimeout(() => child.kill("SIGKILL"), Math.min(moment, 2 ** 30));
    const { signal, code, output } = await ended;
    clearTimeout(timer);
    if (signal === null) {
      expect(output).toBe("");
      expect(code).toBe(0);
      break;
    }
    kills++;
    const status = readStatus(paths);
    // It may have said that it finished and died on its way out.
    if (status !== null && status.pid === child.pid)
      expect(["interrupted", "finished"]).toContain(runState(status));
  }
  expect(kills).toBeGreaterThan(0);
  expect(adapter(paths.folder, "step-000012")).toEqual(adapter(whole.paths.folder, "step-000012"));
  const curve = (file: string) =>
    readEvents(file).flatMap((event) =>
      event.type === "step" ? [[event.step, event.loss, event.gradientNorm]] : [],
    );
  expect(curve(paths.events)).toEqual(curve(whole.paths.events));
  const numbers = readFileSync(paths.events, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { n: number }).n);
  expect(numbers).toEqual(numbers.map((_, i) => i));
});

test("killed while it writes a checkpoint, it leaves no half of one and resumes to the same bytes", async () => {
  const folder = temporaryFolder();
  const change = { checkpoints: { every: 1 } };
  const whole = await tinyRun(join(folder, "whole"), change);
  expect((await startTrainer(whole.paths.folder).ended).code).toBe(0);
  const { paths } = await tinyRun(join(folder, "broken"), change);
  let halves = 0;
  for (let attempt = 0; attempt < 12 && halves < 3; attempt++) {
    const { child, ended } = startTrainer(paths.folder);
    const from = checkpointSteps(paths).at(-1) ?? -1;
    const isWriting = (): boolean =>
      existsSync(paths.checkpoints) &&
      readdirSync(paths.checkpoints).some((name) => name.endsWith(".partial"));
    let over = false;
    void ended.then(() => (over = true));
    while (!over) {
      // Held still first: only if the checkpoint is then still being written, this is the moment to kill.
      if ((checkpointSteps(paths).at(-1) ?? -1) > from && isWriting()) {
        child.kill("SIGSTOP");
        child.kill(isWriting() ? "SIGKILL" : "SIGCONT");
      }
      await new Promise((settle) => setImmediate(settle));
    }
    const left = readdirSync(paths.checkpoints);
    if (left.some((name) => name.endsWith(".partial"))) halves++;
    // Whatever carries a checkpoint's name is whole.
    for (const name of left.filter((each) => each.startsWith("step-")))
      expect(readdirSync(join(paths.checkpoints, name)).sort()).toEqual([
        "adapter_config.json",
        "adapter_model.safetensors",
        "optimizer.safetensors",
        "state.json",
      ]);
    if ((await ended).code === 0) break;
  }
  expect(halves).toBeGreaterThan(0);
  const last = await startTrainer(paths.folder).ended;
  expect(last.output).toBe("");
  expect(last.code).toBe(0);
  expect(readdirSync(paths.checkpoints).filter((name) => name.startsWith("."))).toEqual([]);
  expect(adapter(paths.folder, "step-000012")).toEqual(adapter(whole.paths.folder, "step-000012"));
});

test("stop saves a checkpoint and ends with 130; the run can be resumed to the same end", async () => {
  const folder = temporaryFolder();
  const whole = await tinyRun(join(folder, "whole"));
  await startTrainer(whole.paths.folder).ended;
  const { paths } = await tinyRun(join(folder, "stopped"));
  const first = startTrainer(paths.folder);
  await until(() => readEvents(paths.events).some(({ type }) => type === "step"), "a step");
  requestControl(paths, "stop");
  expect((await first.ended).code).toBe(130);
  expect(readStatus(paths)!.state).toBe("stopped");
  const stoppedAt = readStatus(paths)!.step;
  expect(checkpointSteps(paths)).toContain(stoppedAt);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(adapter(paths.folder, "step-000012")).toEqual(adapter(whole.paths.folder, "step-000012"));
});

test("pause holds the run still until it may continue; checkpoint and evaluate are carried out between steps", async () => {
  const { paths } = await tinyRun(temporaryFolder(), {
    training: { steps: 40, batchSize: 6 },
    checkpoints: { every: 0 },
  });
  requestControl(paths, "pause");
  const { ended } = startTrainer(paths.folder);
  await until(() => readStatus(paths)?.state === "paused", "the pause");
  requestControl(paths, "checkpoint");
  requestControl(paths, "evaluate");
  await until(() => checkpointSteps(paths).length === 1, "the checkpoint");
  const heartbeat = readStatus(paths)!.heartbeat;
  await until(() => readStatus(paths)!.heartbeat !== heartbeat, "the heartbeat");
  expect(readEvents(paths.events).some(({ type }) => type === "step")).toBe(false);
  requestControl(paths, "continue");
  expect((await ended).code).toBe(0);
  const types = readEvents(paths.events).map(({ type }) => type);
  expect(types.indexOf("paused")).toBeLessThan(types.indexOf("continued"));
  expect(types.indexOf("continued")).toBeLessThan(types.indexOf("step"));
});

test("a second trainer on the same run refuses and leaves the first alone", async () => {
  const { paths } = await tinyRun(temporaryFolder());
  requestControl(paths, "pause");
  const first = startTrainer(paths.folder);
  await until(() => readStatus(paths)?.state === "paused", "the pause");
  const second = await startTrainer(paths.folder).ended;
  expect(second.code).toBe(1);
  expect(second.output).toMatch(/is being trained by process \d+; a run has one trainer at a time/);
  expect(readStatus(paths)!.pid).toBe(first.child.pid);
  requestControl(paths, "continue");
  expect((await first.ended).code).toBe(0);
});

test("mistakes end with exit code 1, one sentence and the reason in the status", async () => {
  const { paths, config } = await tinyRun(temporaryFolder());
  writeFileSync(
    paths.split,
    readFileSync(paths.split, "utf8").replace("train-0.png", "train-1.png"),
  );
  const changed = await startTrainer(paths.folder).ended;
  expect(changed.code).toBe(1);
  expect(changed.output).toMatch(/split\.jsonl: was changed since the run began/);
  expect(changed.output).not.toMatch(/ at /);
  expect(readStatus(paths)).toMatchObject({ state: "failed", reason: changed.output.trim() });
  rmSync(config.run.modelFolder, { recursive: true });
  expect((await startTrainer(paths.folder).ended).code).toBe(1);
  const nowhere = await startTrainer(join(paths.folder, "nowhere")).ended;
  expect(nowhere.code).toBe(1);
  expect(nowhere.output).toMatch(/is not a run folder/);
  expect(existsSync(runPaths(join(paths.folder, "nowhere")).status)).toBe(false);
});
