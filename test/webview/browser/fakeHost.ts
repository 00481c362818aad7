/**
 * Stands in for VS Code and for the extension in a page under test: the messages are made by the real feed from made-up
 * events, and cross a real postMessage. Tests speak to it as `gladHost`.
 */
import { createPageFeed, pickRows, type FeedRun } from "../../../src/protocol/feed";
import { atOnce } from "../../../src/util/turns";
import type {
  FlatConfig,
  HostMessage,
  PageMessage,
  PageRunState,
  PageState,
} from "../../../src/protocol/page";
import type { RunEvent } from "../../../src/protocol/events";
import { emptyRecord, pushEvent } from "../../../src/protocol/runRecord";
import { splitDetails, type PredictedImage } from "../../../src/protocol/splitDetails";
import { runEvents } from "../../support/runEvents";
import type { Scenario, ScenarioRun } from "../scenario";
import { applyTheme } from "./applyTheme";

interface HostRun extends FeedRun {
  events: RunEvent[];
  taken: number;
}

interface FakeHost {
  /** Everything that the page posted. */
  posted: PageMessage[];
  /** The next events of a run are written, and the page is told as a panel would. */
  grow(run: string, events: number): void;
  /** A run's status says something else. */
  setState(run: string, state: PageRunState): void;
  select(runs: string[]): void;
  /** A run's folder is deleted, or comes back. */
  lose(run: string, isGone: boolean): void;
  /** Milliseconds that making the first snapshot took. */
  snapshotTime: number;
}

declare global {
  interface Window {
    gladScenario: Scenario;
    gladHost: FakeHost;
    acquireVsCodeApi(): unknown;
  }
}

const scenario = window.gladScenario;
/** A configuration as the page shows it; the real one is made by zod, which no page needs. */
const defaults: FlatConfig = {
  name: "run",
  model: "openai/clip-vit-base-patch16",
  "data.root": "images",
  "data.shots": "16",
  protocol: "base-to-novel",
  seed: "1",
  "lora.encoder": "both",
  "lora.targets": '["q","k","v"]',
  "lora.rank": "2",
  "lora.dropout": "0.25",
  "glad.alpha": "0.5",
  "glad.rho": "0.05",
  "optimizer.learningRate": "0.0002",
  "optimizer.warmupSteps": "0",
  "training.steps": "null",
  "training.batchSize": "32",
  "training.precision": "float32",
  device: "auto",
};
const storage = "glad-state";
applyTheme(scenario.theme);

const runs = scenario.runs.map(hostRun);
const feed = createPageFeed();
let selected = scenario.selected ?? runs.map(({ id }) => id);
/** The runs that were there last. */
let shown = selected;
/** Runs whose folders were deleted. */
const gone = new Set<string>();
const posted: PageMessage[] = [];

function hostRun(made: ScenarioRun): HostRun {
  const events = runEvents(made.events);
  const run: HostRun = {
    id: made.id,
    name: made.id,
    record: emptyRecord(),
    state: made.state,
    silent: made.silent ?? null,
    stopping: made.stopping ?? null,
    ending: made.ending ?? false,
    saved: [],
    failure: made.failure ?? null,
    config: { ...defaults, ...made.config },
    detailed: made.detailed ? ["base", "novel", "all"] : [],
    events,
    taken: 0,
  };
  take(run, made.taken ?? events.length);
  run.record.warnings.push(...(made.warnings ?? []));
  return run;
}

function take(run: HostRun, count: number): void {
  for (const event of run.events.slice(run.taken, run.taken + count)) pushEvent(run.record, event);
  run.taken += count;
  run.saved = run.record.checkpoints.map(({ step }) => step);
}

function send(message: HostMessage): void {
  window.postMessage(message, "*");
}

/** `other`: the runs take the place of others. */
function snapshot(state: PageState | null, width: number, other = false): void {
  if (state) selected = state.runs.length > 0 ? state.runs : selected;
  const before = performance.now();
  const there = runs.filter(({ id }) => !gone.has(id));
  const chosen = selected.flatMap((id) => there.filter((run) => run.id === id));
  const message = atOnce(
    feed.snapshot(chosen, {
      state,
      width,
      defaults,
      strings: scenario.strings ?? {},
      mayControl: scenario.mayControl ?? true,
      gone: selected.length === 0 ? shown : selected.filter((id) => gone.has(id)),
      other,
    }),
  );
  window.gladHost.snapshotTime = performance.now() - before;
  send(message);
}

function answer(message: PageMessage): void {
  const find = (id: string): HostRun => runs.find((run) => run.id === id)!;
  switch (message.type) {
    case "ready":
      return snapshot(message.state, message.width);
    case "window":
      return send(atOnce(feed.window(find(message.run), message.view, message.request)));
    case "rows": {
      const rows = message.runs.map((id) => pickRows(id, find(id).record.series, message));
      return send({ type: "rows", request: message.request, rows });
    }
    case "details":
      return sendDetails(message);
    case "selectRuns":
      selected = message.runs;
      return snapshot(null, 400);
    case "control":
    case "open":
    case "openImage":
    case "exportCsv":
    case "exportPng":
    case "pickRuns":
      // Tests look at what was posted.
      return;
  }
}

function sendDetails(message: Extract<PageMessage, { type: "details" }>): void {
  const predictions = pretendPredictions(0.82, 1);
  const details = splitDetails(
    message,
    classNames,
    predictions,
    pretendPredictions(0.74, 2),
    (path) => scenario.pictures[Number(path.split("/")[1]) % scenario.pictures.length] ?? null,
  );
  send({ type: "details", request: message.request, details });
}

const classNames = [
  "accordion",
  "airplane",
  "anchor",
  "barrel",
  "beaver",
  "butterfly",
  "cannon",
  "ceiling fan",
  "chandelier",
  "cougar body",
  "crab",
  "crayfish",
  "crocodile head",
  "dalmatian",
  "dragonfly",
  "electric guitar",
  "emu",
  "flamingo",
  "gramophone",
  "hawksbill",
  "inline skate",
  "joshua tree",
  "lobster",
  "mandolin",
  "minaret",
  "nautilus",
  "platypus",
  "schooner",
  "sea horse",
  "stegosaurus",
  "trilobite",
  "water lilly",
  "wild cat",
];

/** Predictions whose mistakes fall on neighbours in the list of classes. */
function pretendPredictions(accuracy: number, seed: number): PredictedImage[] {
  return Array.from({ length: 660 }, (_, i) => {
    const label = i % classNames.length;
    const draw = ((Math.imul(i + 1, 2654435761) ^ Math.imul(seed, 40503)) >>> 0) / 2 ** 32;
    const easy = 1 - label / classNames.length / 2;
    const right = draw < accuracy * (0.6 + 0.6 * easy);
    const other = (label + 1 + (Math.floor(draw * 37) % 3)) % classNames.length;
    const third = (label + 9) % classNames.length;
    const sure = 0.45 + 0.5 * Math.abs(draw - 0.5);
    const order = right ? [label, other, third] : [other, label, third];
    const shares = [sure, 0.7 * (1 - sure), 0.2 * (1 - sure)];
    return {
      path: `${classNames[label]!.replace(" ", "_")}/${i}`,
      label,
      top: order.map((of, rank) => ({ label: of, probability: shares[rank]! })),
    };
  });
}

window.gladHost = {
  posted,
  snapshotTime: 0,
  grow(id, events) {
    const run = runs.find((each) => each.id === id)!;
    take(run, events);
    for (const message of atOnce(feed.update(run))) send(message);
  },
  setState(id, state) {
    const run = runs.find((each) => each.id === id)!;
    run.state = state;
    for (const message of atOnce(feed.update(run))) send(message);
  },
  lose(id, isGone) {
    if (isGone) gone.add(id);
    else gone.delete(id);
    snapshot(null, 400);
  },
  select(ids) {
    const other = ids.length > 0 && !ids.some((id) => shown.includes(id));
    if (ids.length > 0) shown = ids;
    selected = ids;
    snapshot(null, 400, other);
  },
};

/** From here on the page's own time counts. */
performance.mark("host-ready");

window.acquireVsCodeApi = () => ({
  postMessage(message: PageMessage) {
    const copy = structuredClone(message);
    posted.push(copy);
    if (!scenario.silent) answer(copy);
  },
  getState: (): unknown => JSON.parse(sessionStorage.getItem(storage) ?? "null") ?? undefined,
  setState: (state: unknown) => sessionStorage.setItem(storage, JSON.stringify(state)),
});
