import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readOnce } from "../../src/data/readData";
import { loraSites, parameterLayout } from "../../src/models/lora";
import { namedTheta } from "../../src/models/loraNames";
import { writeAdapter } from "../../src/models/peft";
import { readNamedTensors, writeSafetensors } from "../../src/models/safetensors";
import { bestOf } from "../../src/protocol/best";
import type { RunEvent } from "../../src/protocol/events";
import { type FrozenConfig, readFrozen } from "../../src/protocol/frozen";
import { readEvents } from "../../src/protocol/readEvents";
import {
  checkpointSteps,
  predictionsName,
  requestControl,
  type RunPaths,
} from "../../src/protocol/runFolder";
import { createRun } from "../../src/train/createRun";
import { openEventLog } from "../../src/train/eventLog";
import { type LoopEnd, train } from "../../src/train/loop";
import { measureAlso } from "../../src/train/measureAlso";
import { measuredSplits } from "../../src/train/measuredSplits";
import { openRun } from "../../src/train/openRun";
import type { RunResult } from "../../src/train/result";
import { temporaryFolder } from "../support/temporaryFolder";
import { adapterSpec, writeTinyAdapter } from "../support/tinyAdapter";
import { tinyClipConfig } from "../support/tinyClip";
import { tinyConfig, tinyRun } from "../support/tinyRun";

interface Hooks {
  onEvent?: (event: RunEvent) => void;
  stopAsked?: () => boolean;
}

/** The loop of a run in this process, on the real engine; throws what ends it badly. */
async function runLoop(
  paths: RunPaths,
  config: FrozenConfig,
  { onEvent, stopAsked = () => false }: Hooks = {},
): Promise<LoopEnd> {
  const log = openEventLog(paths);
  const run = await openRun(paths, config);
  try {
    return await train(paths, config, run, {
      event: (body) => {
        const event = log.write(body);
        onEvent?.(event);
      },
      status: () => undefined,
      sync: () => log.sync(),
      stopAsked,
      now: () => performance.now(),
    });
  } finally {
    await run.close();
    log.close();
  }
}

const adapter = (paths: RunPaths, step: string): Buffer =>
  readFileSync(join(paths.checkpoints, step, "adapter_model.safetensors"));
const resultOf = (paths: RunPaths): RunResult =>
  JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
const evaluatedAt = (paths: RunPaths): string[] =>
  readEvents(paths.events).flatMap((event) =>
    event.type === "evaluated" && !event.zeroShot ? [`${event.step} ${event.split}`] : [],
  );

describe("the end of a run", () => {
  test("comes early when the validation accuracy no longer improves, and again so after a kill", async () => {
    const early = {
      evaluation: { every: 2, earlyStop: { patience: 2, minDelta: 100 } },
      checkpoints: { every: 1 },
    };
    const { paths, config } = await tinyRun(temporaryFolder(), early);
    expect(await runLoop(paths, config)).toBe("plateau");
    // The first accuracy counts as a gain, the next two of at most 100 % do not.
    expect(evaluatedAt(paths)).toEqual(["2 all", "2 val", "4 all", "4 val", "6 all", "6 val"]);
    expect(resultOf(paths)).toMatchObject({ step: 6, reason: "plateau" });
    expect(checkpointSteps(paths).at(-1)).toBe(6);
    // Killed before it could say that it has finished, it finishes and does not train on.
    expect(await runLoop(paths, config)).toBe("plateau");
    expect(checkpointSteps(paths).at(-1)).toBe(6);
    expect(readEvents(paths.events).filter(({ type }) => type === "step")).toHaveLength(6);
  });

  test("comes with a reason when steps are not finite", async () => {
    const { paths, config } = await tinyRun(temporaryFolder(), {
      optimizer: { learningRate: 1e30 },
      training: { steps: 12, batchSize: 6, maxNonFiniteSteps: 3 },
      evaluation: { zeroShot: false },
      checkpoints: { every: 1 },
    });
    await expect(runLoop(paths, config)).rejects.toThrow(
      /^3 steps in a row were skipped, the last because the loss is NaN; lower optimizer\.learningRate and start a new run, from an earlier checkpoint with `glad train --init-adapter`$/,
    );
    const events = readEvents(paths.events);
    const skipped = events.filter((event) => event.type === "skipped");
    expect(skipped.map(({ step, inARow }) => [step, inARow])).toEqual([
      [2, 1],
      [3, 2],
      [4, 3],
    ]);
    expect(events.filter(({ type }) => type === "step")).toHaveLength(1);
    // The values did not change, and are those of the last good step.
    expect(adapter(paths, "step-000003")).toEqual(adapter(paths, "step-000002"));
  });

  test("leaves a checkpoint where something else fails right after a skipped step", async () => {
    const change = {
      optimizer: { learningRate: 1e30 },
      training: { steps: 12, batchSize: 6, maxNonFiniteSteps: 3 },
      evaluation: { zeroShot: false },
      checkpoints: { every: 0 },
    };
    const { paths, config } = await tinyRun(temporaryFolder(), change);
    const onEvent = ({ type }: RunEvent): void => {
      if (type === "skipped") throw new Error("the device was lost");
    };
    await expect(runLoop(paths, config, { onEvent })).rejects.toThrow("the device was lost");
    expect(checkpointSteps(paths)).toEqual([2]);
    // It goes on where it was, and the steps that it skips are counted on.
    await expect(runLoop(paths, config)).rejects.toThrow(/^3 steps in a row were skipped/);
    // Of a run that diverged nothing later is saved.
    expect(checkpointSteps(paths)).toEqual([2]);
  });
});

describe("a run of which nothing came", () => {
  const diverging = {
    optimizer: { learningRate: 1e30 },
    checkpoints: { every: 0 },
  };

  test("fails where its adapter gives no scores; they are not measured, and it is not kept", async () => {
    const training = { steps: 1, batchSize: 6 };
    const { paths, config } = await tinyRun(temporaryFolder(), { ...diverging, training });
    await expect(runLoop(paths, config)).rejects.toThrow(
      /test-0\.png: its score for ".*" is NaN, so the adapter has diverged; lower optimizer\.learningRate and start a new run$/,
    );
    expect(evaluatedAt(paths)).toEqual([]);
    expect(checkpointSteps(paths)).toEqual([]);
    expect(existsSync(paths.result)).toBe(false);
    expect(readdirSync(paths.predictions).some((name) => !name.includes("zero-shot"))).toBe(false);
  });

  test("fails where the model's weights are damaged, before a step is made", async () => {
    const folder = temporaryFolder();
    await tinyRun(folder);
    const file = join(folder, "clip", "model.safetensors");
    const { tensors } = await readNamedTensors(file);
    tensors.get("visual_projection.weight")!.data[3] = NaN;
    await writeSafetensors(file, tensors);
    const { paths, config } = await createRun(tinyConfig(folder));
    await expect(runLoop(paths, config)).rejects.toThrow(
      /is NaN, so the model's weights are damaged; get the model again, e\.g\. with `glad model pull`$/,
    );
    expect(readEvents(paths.events).map(({ type }) => type)).toEqual(["started"]);
  });

  test("fails where every step was skipped, though they were fewer than may be", async () => {
    const folder = temporaryFolder();
    await tinyRun(folder);
    const init = join(folder, "adapter");
    const theta = await writeTinyAdapter(init);
    const layout = parameterLayout(loraSites(tinyClipConfig(), adapterSpec), adapterSpec.rank);
    await writeAdapter(init, namedTheta(layout, theta.fill(NaN)), adapterSpec, "somewhere/clip");
    const written = tinyConfig(folder, {
      lora: { ...adapterSpec, targets: [...adapterSpec.targets], init },
      training: { steps: 2, batchSize: 6 },
    });
    const { paths, config } = await createRun(written);
    await expect(runLoop(paths, config)).rejects.toThrow(
      /^every step was skipped, the last because the loss is NaN; lower optimizer\.learningRate and start a new run$/,
    );
    expect(existsSync(paths.result)).toBe(false);
  });
});

test("a given adapter is measured as it is where no step is to be made, CLIP alone once", async () => {
  const folder = temporaryFolder();
  const training = { steps: 0, batchSize: 6 };
  const alone = await tinyRun(folder, { training });
  await runLoop(alone.paths, alone.config);
  expect(resultOf(alone.paths).zeroShot).toHaveLength(2);
  expect(evaluatedAt(alone.paths)).toEqual([]);

  const init = join(folder, "adapter");
  await writeTinyAdapter(init);
  const lora = { ...adapterSpec, targets: [...adapterSpec.targets], init };
  const { paths, config } = await createRun(tinyConfig(folder, { lora, training }));
  // Stopped between its splits, it makes up for what is missing.
  const stopAsked = (): boolean => evaluatedAt(paths).length === 1;
  expect(await runLoop(paths, config, { stopAsked })).toBe("stopped");
  expect(resultOf(paths).reason).toBe("stopped");
  await runLoop(paths, config);
  const { adapted, zeroShot, best } = resultOf(paths);
  expect(adapted.map(({ split }) => split)).toEqual(["all", "val"]);
  expect(best).toEqual({ step: 0, accuracy: adapted[1]!.accuracy });
  expect(zeroShot.map(({ split }) => split)).toEqual(["all", "val"]);
  const predicted = (isZeroShot: boolean): string =>
    readFileSync(join(paths.predictions, predictionsName("all", isZeroShot)), "utf8");
  expect(predicted(false)).not.toBe(predicted(true));
  expect([...measuredSplits({ ...resultOf(paths), adapted: [] }, config)!]).toEqual([]);

  const targets = [{ root: join(folder, "images"), name: "again" }];
  await measureAlso(paths, tinyConfig(folder, { evaluation: { targets } }), readOnce());
  await runLoop(paths, readFrozen(paths));
  expect(resultOf(paths).adapted.map(({ split }) => split)).toContain("target:again");
});

describe("a stop", () => {
  test("in the last evaluation is made up for after resuming", async () => {
    const folder = temporaryFolder();
    const { paths, config } = await tinyRun(folder);
    let asked = 0;
    let over = false;
    const end = await runLoop(paths, config, {
      onEvent: (event) => void (over ||= event.type === "step" && event.step === 12),
      // The first question after the last step comes before the evaluation, the second one inside.
      stopAsked: () => over && ++asked > 1,
    });
    expect(end).toBe("stopped");
    expect(resultOf(paths)).toMatchObject({ step: 12, reason: "stopped", adapted: [] });
    expect(await runLoop(paths, config)).toBe("completed");
    expect(evaluatedAt(paths).slice(-2)).toEqual(["12 all", "12 val"]);
    expect(resultOf(paths).adapted.map(({ split }) => split)).toEqual(["all", "val"]);
  });

  test("in the zero-shot evaluation leaves only the missing splits to do", async () => {
    const { paths, config } = await tinyRun(temporaryFolder());
    let measured = 0;
    await runLoop(paths, config, {
      onEvent: ({ type }) => void (type === "evaluated" && measured++),
      stopAsked: () => measured > 0,
    });
    expect(measured).toBe(1);
    await runLoop(paths, config);
    const zeroShot = readEvents(paths.events).flatMap((event) =>
      event.type === "evaluated" && event.zeroShot ? [event.split] : [],
    );
    expect(zeroShot).toEqual(["all", "val"]);
    expect(resultOf(paths).zeroShot.map(({ split }) => split)).toEqual(["all", "val"]);
  });
});

test("the checkpoint of the best validation accuracy is saved when it is measured, and kept", async () => {
  const { paths, config } = await tinyRun(temporaryFolder(), {
    training: { steps: 8, batchSize: 6 },
    evaluation: { every: 1 },
    checkpoints: { every: 0, keepLast: 1 },
  });
  await runLoop(paths, config);
  const { best } = resultOf(paths);
  expect(checkpointSteps(paths)).toEqual([...new Set([best!.step, 8])]);
  const accuracies = readEvents(paths.events).flatMap((event) =>
    event.type === "evaluated" && !event.zeroShot && event.split === "val" ? [event] : [],
  );
  const highest = Math.max(...accuracies.map(({ accuracy }) => accuracy));
  expect(best).toEqual({
    step: accuracies.find(({ accuracy }) => accuracy === highest)!.step,
    accuracy: highest,
  });
});

test("a failure in mid-run keeps the steps that were made", async () => {
  const folder = temporaryFolder();
  const change = { evaluation: { every: 5, zeroShot: false }, checkpoints: { every: 0 } };
  const whole = await tinyRun(join(folder, "whole"), change);
  await runLoop(whole.paths, whole.config);
  const { paths, config } = await tinyRun(join(folder, "broken"), change);
  const images = join(folder, "broken/images/test");
  cpSync(images, join(folder, "kept"), { recursive: true });
  const damage = (event: RunEvent): void => {
    if (event.type !== "step" || event.step !== 2) return;
    for (const name of readdirSync(join(images, "cat")))
      writeFileSync(join(images, "cat", name), "no image");
  };
  await expect(runLoop(paths, config, { onEvent: damage })).rejects.toThrow(
    `${join(images, "cat", "test-0.png")} is not an image`,
  );
  expect(checkpointSteps(paths)).toEqual([5]);
  rmSync(images, { recursive: true });
  cpSync(join(folder, "kept"), images, { recursive: true });
  expect(await runLoop(paths, config)).toBe("completed");
  expect(evaluatedAt(paths)).toEqual(evaluatedAt(whole.paths));
  expect(adapter(paths, "step-000012")).toEqual(adapter(whole.paths, "step-000012"));
});

test("a measurement that somebody asks for counts for the best, and not for the end of the run", async () => {
  const settings = {
    evaluation: { zeroShot: false, every: 6, earlyStop: { patience: 1, minDelta: 100 } },
  };
  const plain = await tinyRun(temporaryFolder(), settings);
  expect(await runLoop(plain.paths, plain.config)).toBe("plateau");
  const { paths, config } = await tinyRun(temporaryFolder(), settings);
  const ask = (event: RunEvent): void => {
    if (event.type === "step" && event.step < 6) requestControl(paths, "evaluate");
  };
  expect(await runLoop(paths, config, { onEvent: ask })).toBe("plateau");
  const events = readEvents(paths.events).filter((event) => event.type === "evaluated");
  const val = events.filter(({ split }) => split === "val");
  expect(val.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 12]);
  const { step, accuracy } = val.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const result = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
  expect(result.best).toEqual({ step, accuracy });
  expect(result.bestMeasured).toEqual(bestOf(events));
});

test("requests are taken away when they are carried out; what was asked for stays", async () => {
  const { paths, config } = await tinyRun(temporaryFolder(), {
    evaluation: { zeroShot: false },
    checkpoints: { every: 0, keepLast: 1, keepBest: false },
  });
  const ask = (event: RunEvent): void => {
    if (event.type !== "step") return;
    if (event.step === 3) requestControl(paths, "checkpoint");
    if (event.step === 4) requestControl(paths, "evaluate");
  };
  await runLoop(paths, config, { onEvent: ask });
  expect(checkpointSteps(paths)).toEqual([3, 12]);
  expect(evaluatedAt(paths)).toEqual(["4 all", "4 val", "12 all", "12 val"]);
  expect(readdirSync(paths.control)).toEqual([]);
});
