import { readFileSync } from "node:fs";
import { startTrainer } from "../executors/startTrainer";
import { readEventsFrom } from "../protocol/readEvents";
import { requestControl, type RunPaths } from "../protocol/runFolder";
import { readStatus } from "../protocol/status";
import { UserError } from "../util/errors";

/** A run that waits to be trained, and what came of it. */
export interface DemoRun {
  paths: RunPaths;
  steps: number;
  /** Passes over the batch that each step makes. */
  passes: number;
}

/** How far all runs are together. */
export interface TrainingProgress {
  /** Share of the work that is done, 0 to 1. */
  share: number;
  finished: number;
  total: number;
  /** Loss of the step that was made last. */
  loss: number | null;
}

/** Milliseconds between two looks at the runs. */
const interval = 200;

/** Thrown when the demo was asked to stop. */
export class DemoStopped extends Error {}

/**
 * Trains the runs by the ordinary trainer, `atOnce` of them at a time, in their order. `done` hears of each as it ends, `progress`
 * several times a second, and of each end. Where one fails or `stopAsked` says so, the others are asked to stop.
 */
export async function trainRuns<R extends DemoRun>(
  runs: readonly R[],
  atOnce: number,
  port: {
    progress: (progress: TrainingProgress) => void;
    done: (run: R) => void;
    stopAsked: () => boolean;
  },
): Promise<void> {
  const followed = runs.map((run) => new Followed(run));
  const waiting = [...followed];
  let failure: unknown = null;
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next && failure === null; next = waiting.shift()) {
      try {
        await next.train();
        // The timer may not come again before all are over.
        port.progress(progressOf(followed));
        if (failure === null) port.done(next.run);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  const lanes = Promise.all(Array.from({ length: atOnce }, lane));
  const timer = setInterval(() => {
    followed.forEach((one) => one.look());
    port.progress(progressOf(followed));
    if (port.stopAsked()) failure ??= new DemoStopped();
    if (failure !== null) followed.forEach((one) => one.stop());
  }, interval);
  await lanes.finally(() => clearInterval(timer));
  if (failure !== null) throw failure as Error;
}

/** A run whose trainer was, or will be, started. */
class Followed<R extends DemoRun> {
  state: "waiting" | "training" | "ended" = "waiting";
  step = 0;
  loss: number | null = null;
  lossTime = "";
  private offset = 0;

  constructor(readonly run: R) {}

  /** Starts the trainer and waits for its end. */
  async train(): Promise<void> {
    const { paths } = this.run;
    this.state = "training";
    const { child } = startTrainer(paths);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    this.look();
    this.state = "ended";
    if (code === 0) return;
    if (code === 130) throw new DemoStopped();
    const said = readFileSync(paths.log, "utf8").trim().split("\n").at(-1) ?? "";
    const reason = readStatus(paths)?.reason ?? said;
    throw new UserError(`the run ${paths.folder} failed: ${reason}; its log.txt says more`);
  }

  /** Reads what the trainer wrote since the last look. */
  look(): void {
    const { events, offset } = readEventsFrom(this.run.paths.events, this.offset);
    this.offset = offset;
    for (const event of events) {
      if (event.type !== "step") continue;
      this.step = event.step;
      this.loss = event.loss;
      this.lossTime = event.time;
    }
  }

  stop(): void {
    if (this.state === "training") requestControl(this.run.paths, "stop");
  }
}

function progressOf(followed: readonly Followed<DemoRun>[]): TrainingProgress {
  const work = ({ run }: Followed<DemoRun>): number => run.steps * run.passes;
  const all = followed.reduce((sum, one) => sum + work(one), 0);
  const made = followed.reduce((sum, one) => sum + one.step * one.run.passes, 0);
  const latest = followed.reduce((a, b) => (b.lossTime > a.lossTime ? b : a));
  return {
    share: made / all,
    finished: followed.filter(({ state }) => state === "ended").length,
    total: followed.length,
    loss: latest.loss,
  };
}
