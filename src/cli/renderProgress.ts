import type { RunEvent } from "../protocol/events";
import { count, significant } from "./format";
import { duration, speed } from "../protocol/pace";

/** What of a run's configuration decides when it measures. */
export interface Plan {
  steps: number;
  /** CLIP without adapters is measured first. */
  zeroShot: boolean;
  /** Steps between evaluations; 0 only at the end. */
  every: number;
}

/** What a follower of a run knows of it: enough for the progress line. */
export interface Progress {
  plan: Plan;
  step: number;
  /** What the trainer does now; null while it trains. */
  doing: string | null;
  /** When the latest event came, in milliseconds; null before the first. */
  since: number | null;
  /** Loss and gradient norm of the last step that was made. */
  last: { loss: number; gradientNorm: number } | null;
  /** Seconds and images of the latest steps. */
  pace: readonly { seconds: number; images: number }[];
  /** Accuracy of CLIP without adapters in percent, by split. */
  zeroShot: Readonly<Record<string, number>>;
}

/** Steps that the pace is the mean of. */
const paceSteps = 50;

/** Before the first event. */
export function emptyProgress(plan: Plan): Progress {
  const doing = "opening the model and the data";
  return { plan, step: 0, doing, since: null, last: null, pace: [], zeroShot: {} };
}

/** The progress after one more event. */
export function advance(progress: Progress, event: RunEvent): Progress {
  return { ...follow(progress, event), since: Date.parse(event.time) };
}

function follow(progress: Progress, event: RunEvent): Progress {
  switch (event.type) {
    case "started": {
      const measures = progress.plan.zeroShot && Object.keys(progress.zeroShot).length === 0;
      const doing = measures ? "measuring CLIP without adapters" : null;
      return { ...progress, step: event.step, doing, last: null, pace: [] };
    }
    case "step": {
      const { step, loss, gradientNorm, seconds } = event;
      const made = { seconds, images: event.imagesPerSecond * seconds };
      const pace = [...progress.pace, made].slice(-paceSteps);
      const doing = measuresAfter(step, progress.plan) ? "measuring" : null;
      return { ...progress, step, doing, last: { loss, gradientNorm }, pace };
    }
    case "skipped":
      return { ...progress, step: event.step, doing: null };
    case "evaluated": {
      if (!event.zeroShot) return progress;
      const zeroShot = { ...progress.zeroShot, [event.split]: event.accuracy };
      return { ...progress, zeroShot };
    }
    case "paused":
      return { ...progress, doing: "paused" };
    case "continued":
      return { ...progress, doing: null };
    case "saved":
    case "warning":
    case "finished":
    case "stopped":
    case "failed":
      return progress;
  }
}

/** The line that tells how far a run is at a time (milliseconds), cut to `columns`. */
export function progressLine(progress: Progress, now: number, columns = 80): string {
  const { plan, step, doing, since, last, pace } = progress;
  const parts = [`step ${count(step)} of ${count(plan.steps)}`];
  if (last !== null)
    parts.push(`loss ${significant(last.loss)}`, `gradient ${significant(last.gradientNorm)}`);
  const waited = since === null ? 0 : Math.floor((now - since) / 1000);
  if (doing !== null) parts.push(waited < 1 ? doing : `${doing} for ${duration(waited)}`);
  else if (last !== null) {
    const seconds = pace.reduce((sum, each) => sum + each.seconds, 0);
    const images = pace.reduce((sum, each) => sum + each.images, 0);
    if (seconds > 0) {
      parts.push(`${speed(images / seconds, count)} images/s`);
      parts.push(`${duration(((plan.steps - step) * seconds) / pace.length)} left`);
    }
  }
  return parts.join("  ").slice(0, columns);
}

function measuresAfter(step: number, { steps, every }: Plan): boolean {
  return step === steps || (every > 0 && step % every === 0);
}
