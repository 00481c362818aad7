import { describe, expect, test } from "vitest";
import { createPageFeed, pickRows, type FeedRun } from "../../src/protocol/feed";
import { atOnce } from "../../src/util/turns";
import type { Curve, HostMessage, PageRunState, PointList, Points } from "../../src/protocol/page";
import { emptyRecord, pushEvent } from "../../src/protocol/runRecord";
import type { RunState } from "../../src/protocol/status";
import { runEvents, type EventsOptions } from "../support/runEvents";

const options = {
  state: null,
  width: 300,
  defaults: {},
  strings: {},
  mayControl: true,
  gone: [],
  other: false,
};

function feedRun(events: EventsOptions, upTo?: number): FeedRun & { grow(to: number): void } {
  const all = runEvents(events);
  const record = emptyRecord();
  let taken = 0;
  const grow = (to: number): void => {
    for (; taken < Math.min(to, all.length); taken++) pushEvent(record, all[taken]!);
    run.saved = record.checkpoints.map(({ step }) => step);
  };
  const run: ReturnType<typeof feedRun> = {
    id: "run",
    name: "run",
    record,
    state: "running",
    silent: null,
    stopping: null,
    ending: false,
    saved: [],
    failure: null,
    config: {},
    detailed: [],
    grow,
  };
  grow(upTo ?? all.length);
  return run;
}

function only<T extends HostMessage["type"]>(
  messages: HostMessage[],
  type: T,
): Extract<HostMessage, { type: T }> {
  const found = messages.filter((message) => message.type === type);
  expect(found).toHaveLength(1);
  return found[0] as Extract<HostMessage, { type: T }>;
}

/** The page's side: what it holds after a message was added. */
function joined(a: Points, b: PointList): Points {
  return {
    x: Float64Array.from([...a.x, ...b.x]),
    y: Float32Array.from([...a.y, ...b.y.map((value) => value ?? NaN)]),
  };
}

function snapshotCurve(message: HostMessage, name: "loss" | "perturbedLoss" = "loss"): Curve {
  if (message.type !== "snapshot") throw new Error("no snapshot");
  return message.curves[0]!.curves[name]!;
}

describe("the feed of a page", () => {
  test("snapshot and appends together are what a later snapshot says", () => {
    const run = feedRun({ steps: 140 }, 60);
    const feed = createPageFeed();
    let held = snapshotCurve(atOnce(feed.snapshot([run], options)));
    for (const to of [61, 90, 141]) {
      run.grow(to);
      const { curves } = only(atOnce(feed.update(run)), "append");
      held = {
        raw: joined(held.raw, curves.loss!.raw),
        smooth: joined(held.smooth!, curves.loss!.smooth!),
      };
    }
    const whole = snapshotCurve(atOnce(createPageFeed().snapshot([run], options)));
    expect(held).toEqual(whole);
    expect(held.raw.x).toHaveLength(140);
  });

  test("thins out rows that came all at once, in pieces that leave others their turn", () => {
    const run = feedRun({ steps: 20_000 }, 60);
    const feed = createPageFeed();
    atOnce(feed.snapshot([run], options));
    run.grow(Infinity);
    const work = feed.update(run);
    let pieces = 0;
    let end = work.next();
    for (; !end.done; end = work.next()) pieces++;
    expect(pieces).toBeGreaterThan(5);
    const { curves } = only(end.value, "curves");
    const { raw, smooth } = curves.curves.loss!;
    expect(raw.x.length).toBeLessThanOrEqual(2 * options.width + 2);
    expect(smooth!.x.at(-1)).toBe(20_000);
  });

  test("says nothing twice", () => {
    const run = feedRun({ steps: 20 });
    const feed = createPageFeed();
    atOnce(feed.snapshot([run], options));
    expect(atOnce(feed.update(run))).toEqual([]);
  });

  test("tells of evaluations, checkpoints and states by a run message", () => {
    const run = feedRun({ steps: 20, checkpointEvery: 10 }, 5);
    const feed = createPageFeed();
    atOnce(feed.snapshot([run], options));
    run.grow(12);
    expect(only(atOnce(feed.update(run)), "run").run.checkpoints).toMatchObject([{ step: 10 }]);
    run.grow(23);
    atOnce(feed.update(run));
    // The events tell of one that was deleted for ever.
    run.saved = [20];
    const { checkpoints } = only(atOnce(feed.update(run)), "run").run;
    expect(checkpoints.map(({ step }) => step)).toEqual([20]);
    run.state = "interrupted";
    expect(only(atOnce(feed.update(run)), "run").run.progress.state).toBe("interrupted");
  });

  test("sends the curves anew when a resumption made points void", () => {
    const run = feedRun({ steps: 120, resumed: { at: 90, from: 50 } }, 85);
    const feed = createPageFeed();
    atOnce(feed.snapshot([run], options));
    run.grow(1_000);
    const { request, curves } = only(atOnce(feed.update(run)), "curves");
    expect(request).toBeNull();
    const { raw } = curves.curves.loss!;
    expect(raw.x).toHaveLength(121);
    expect(raw.y[50]).toBeNaN();
  });

  test("keeps the gap of a resumption at the last step, also when its steps come later", () => {
    const run = feedRun({ steps: 60, resumed: { at: 50, from: 50 } }, 51);
    const feed = createPageFeed();
    atOnce(feed.snapshot([run], options));
    run.grow(52);
    expect(atOnce(feed.update(run)).map(({ type }) => type)).toEqual(["run"]);
    run.grow(54);
    const { raw, smooth } = only(atOnce(feed.update(run)), "append").curves.loss!;
    expect(raw.y.map((value) => value === null)).toEqual([true, false, false]);
    expect(smooth!.x).toEqual([51, 51, 52]);
  });

  test("answers a window with as many points as it can show, on either axis", () => {
    const run = feedRun({ steps: 20_000 });
    const feed = createPageFeed();
    atOnce(feed.snapshot([run], options));
    const view = { axis: "time", range: [100, 200], width: 100, smoothing: 0 } as const;
    const message = atOnce(feed.window(run, { ...view, range: [100, 200] }, 7));
    if (message.type !== "curves") throw new Error("no curves");
    expect(message.request).toBe(7);
    const { raw, smooth } = message.curves.curves.loss!;
    expect(smooth).toBeNull();
    expect(raw.x.length).toBeGreaterThan(150);
    expect(raw.x.length).toBeLessThanOrEqual(210);
    // One point beyond either end.
    expect(raw.x[0]).toBe(99.9);
    expect(raw.x.at(-1)).toBe(200);
  });

  test("leaves out what was never measured, and smooths all but the learning rate", () => {
    const run = feedRun({ steps: 30, glad: false });
    const message = atOnce(createPageFeed().snapshot([run], options));
    if (message.type !== "snapshot") throw new Error("no snapshot");
    const { curves } = message.curves[0]!;
    expect(Object.keys(curves)).toEqual([
      "loss",
      "gradientNorm",
      "finalGradientNorm",
      "learningRate",
    ]);
    expect(curves.learningRate!.smooth).toBeNull();
    expect(curves.loss!.smooth).not.toBeNull();
  });

  test("keeps a run's colour while others come and go, and over a reload", () => {
    const [a, b, c] = ["a", "b", "c"].map((id) => ({ ...feedRun({ steps: 2 }), id }));
    const feed = createPageFeed();
    const colours = (message: HostMessage): Record<string, number> => {
      if (message.type !== "snapshot") throw new Error("no snapshot");
      return Object.fromEntries(message.runs.map(({ id, colour }) => [id, colour]));
    };
    expect(colours(atOnce(feed.snapshot([a!, b!, c!], options)))).toEqual({ a: 0, b: 1, c: 2 });
    expect(colours(atOnce(feed.snapshot([c!, b!], options)))).toEqual({ c: 2, b: 1 });
    expect(colours(atOnce(feed.snapshot([c!, a!, b!], options)))).toEqual({ c: 2, b: 1, a: 0 });
    const state = {
      version: 1,
      runs: [],
      colours: { b: 4 },
      active: null,
      logarithmic: false,
    } as const;
    const kept = {
      ...state,
      runs: [],
      view: { axis: "step", range: null, smoothing: 0 } as const,
      toggled: [],
      yRanges: {},
      tables: [],
      tab: "curves",
      split: null,
    };
    expect(
      colours(atOnce(createPageFeed().snapshot([a!, b!], { ...options, state: kept }))),
    ).toEqual({
      a: 0,
      b: 4,
    });
  });

  test("has nothing to say of a run that the page does not show", () => {
    expect(atOnce(createPageFeed().update(feedRun({ steps: 3 })))).toEqual([]);
  });
});

describe("rows for a table", () => {
  const { record } = feedRun({ steps: 1_000 });

  test("are exact, evenly picked, the first and the last among them", () => {
    const { recorded, columns } = pickRows("run", record.series, {
      axis: "step",
      range: null,
      limit: 5,
    });
    expect(recorded).toBe(1_000);
    expect([...columns.step]).toEqual([1, 251, 501, 750, 1_000]);
    expect(columns.loss[1]).toBe(record.series.columns.loss[250]);
  });

  test("lie in the range", () => {
    const rows = (range: [number, number], limit: number): number[] => [
      ...pickRows("run", record.series, { axis: "step", range, limit }).columns.step,
    ];
    expect(rows([10, 12], 100)).toEqual([10, 11, 12]);
    expect(rows([10.5, 20.5], 1)).toEqual([20]);
    expect(rows([2_000, 3_000], 10)).toEqual([]);
  });
});

test("the page's states of a run are those of its status", () => {
  const same: [
    RunState extends PageRunState ? true : false,
    PageRunState extends RunState ? true : false,
  ] = [true, true];
  expect(same).toEqual([true, true]);
});
