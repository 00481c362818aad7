import type { EventsOptions } from "../support/runEvents";
import type { Scenario, ScenarioRun } from "./scenario";
import { darkPlus } from "./themes";

/** What most tests begin with: a run in its middle, once resumed, with evaluations and checkpoints. */
export const events: EventsOptions = {
  steps: 1_200,
  of: 2_000,
  evaluateEvery: 300,
  checkpointEvery: 200,
  resumed: { at: 700, from: 600 },
};

export const glad: ScenarioRun = { id: "glad", events, state: "running", detailed: true };

/** Two more to compare with: plain LoRA, which has no second gradient, and SAM. */
export const others: ScenarioRun[] = [
  {
    id: "plain-lora",
    events: { ...events, seed: 3, glad: false, gain: -0.6 },
    state: "finished",
    config: { "glad.alpha": "0", "lora.rank": "8" },
  },
  {
    id: "sam",
    events: { ...events, seed: 5, steps: 900, gain: 0.3 },
    state: "paused",
    config: { "glad.alpha": "1" },
  },
];

export const failed: ScenarioRun = {
  ...glad,
  id: "failed-run",
  state: "failed",
  warnings: ["2 images could not be read and were left out."],
  failure: {
    message: "The device was lost: the driver was reset.",
    advice: 'Resume from the last checkpoint, or set "device": "cpu" in glad.json.',
    actions: ["resume", "log", "config", "doctor"],
  },
};

/** A scenario with some runs, in Dark+ and with pictures unless it says otherwise. */
export function scenario(
  runs: ScenarioRun[],
  pictures: string[],
  more: Partial<Scenario> = {},
): Scenario {
  return { theme: darkPlus, runs, pictures, ...more };
}
