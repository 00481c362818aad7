/**
 * The results page with 100,000 recorded steps: `node bench/run.mjs webview`. The host's side (taking in events, thinning
 * out) is measured in this process, the page's side in Chromium with software drawing: from its script's start to its
 * curves, and the frames that are late while steps arrive. The middle of some rounds counts, the best stands beside it.
 */
import type { Page } from "playwright-core";
import { createPageFeed, type FeedRun } from "../src/protocol/feed";
import { atOnce } from "../src/util/turns";
import { emptyRecord, pushEvent } from "../src/protocol/runRecord";
import { runEvents } from "../test/support/runEvents";
import { hasChromium, openBrowser, openPage } from "../test/webview/chromium";
import { servePage } from "../test/webview/pageServer";
import { scenario } from "../test/webview/scenarios";

const steps = 100_000;
const rounds = 7;
const width = 420;

const row = (what: string, times: readonly number[], unit = "ms"): void => {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  console.log(
    `${what.padEnd(58)} ${middle.toFixed(1).padStart(8)} ${unit}   best ${sorted[0]!.toFixed(1)}`,
  );
};

function measureHost(): void {
  const events = runEvents({ steps, of: 2 * steps });
  const more = runEvents({ steps: steps + 10, of: 2 * steps }).slice(steps + 1);
  const taken: number[] = [];
  const snapshots: number[] = [];
  const zooms: number[] = [];
  const smoothings: number[] = [];
  const appends: number[] = [];
  const time = (into: number[], work: () => void): void => {
    const before = performance.now();
    work();
    into.push(performance.now() - before);
  };
  for (let round = 0; round < rounds; round++) {
    const record = emptyRecord();
    time(taken, () => events.forEach((event) => pushEvent(record, event)));
    const run: FeedRun = {
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
    };
    const feed = createPageFeed();
    const options = {
      state: null,
      width,
      defaults: {},
      strings: {},
      mayControl: true,
      gone: [],
      other: false,
    };
    time(snapshots, () => atOnce(feed.snapshot([run], options)));
    const view = { axis: "step", width, smoothing: 0.95 } as const;
    time(zooms, () => atOnce(feed.window(run, { ...view, range: [20_000, 60_000] }, 1)));
    time(smoothings, () => atOnce(feed.window(run, { ...view, range: null, smoothing: 0.99 }, 2)));
    more.forEach((event) => pushEvent(record, event));
    time(appends, () => atOnce(feed.update(run)));
  }
  console.log(`Host, ${steps.toLocaleString("en")} steps, 8 curves with averages, ${width} pixels`);
  row("taking in all events", taken);
  row("snapshot", snapshots);
  row("window after zooming", zooms);
  row("window after another smoothing", smoothings);
  row("append of 10 steps", appends);
}

/** Milliseconds from the start of the page's script to the frame after its curves were drawn, the host's work included. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(`new Promise((done) => {
    const look = () => {
      const charts = document.querySelectorAll(".chart:not([hidden]) canvas").length;
      if (charts < 5) return requestAnimationFrame(look);
      requestAnimationFrame((now) => done(now - performance.getEntriesByName("host-ready")[0].startTime));
    };
    look();
  })`);
}

interface Frames {
  /** Milliseconds between two frames, longest last. */
  intervals: number[];
  /** Milliseconds of each task that the browser calls long (over 50). */
  long: number[];
}

/** The frames of some seconds, in which \`everyFrame\` is done at each. */
function frames(page: Page, seconds: number, everyFrame: string): Promise<Frames> {
  return page.evaluate(`new Promise((done) => {
    const intervals = [], long = [];
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => long.push(duration)));
    observer.observe({ type: "longtask" });
    const begin = performance.now();
    let last = begin;
    const next = (now) => {
      intervals.push(now - last);
      last = now;
      ${everyFrame};
      if (now - begin < ${1000 * seconds}) requestAnimationFrame(next);
      else { observer.disconnect(); done({ intervals: intervals.slice(1).sort((a, b) => a - b), long }); }
    };
    requestAnimationFrame(next);
  })`);
}

/** Milliseconds from the writing of a step to the frame that shows it, for steps at odd moments. */
function lag(page: Page): Promise<number[]> {
  return page.evaluate(`(async () => {
    const step = document.querySelector(".fact dd");
    const lags = [];
    for (let i = 0; i < 40; i++) {
      await new Promise((done) => setTimeout(done, 37 * (1 + (i % 7))));
      const before = step.textContent;
      const begin = performance.now();
      gladHost.grow("run", 1);
      await new Promise((done) => {
        const look = () => step.textContent === before ? requestAnimationFrame(look) : requestAnimationFrame(done);
        look();
      });
      lags.push(performance.now() - begin);
    }
    return lags;
  })()`);
}

async function measurePage(): Promise<void> {
  const server = await servePage();
  const opened = await openBrowser();
  const { browser } = opened;
  const run = {
    id: "run",
    events: { steps: steps + 5_000, of: 2 * steps, checkpointEvery: 10_000 },
    taken: steps + 11,
    state: "running" as const,
  };
  try {
    console.log(`\nPage, ${(server.scriptBytes / 1024).toFixed(0)} KiB of script, 1400 x 900`);
    const paints: number[] = [];
    let last: Page | null = null;
    for (let round = 0; round < rounds; round++) {
      await last?.close();
      last = (await openPage(browser, server.url, scenario([run], []))).page;
      paints.push(await firstPaint(last));
    }
    row("first paint, the host's snapshot included", paints);
    const page = last!;
    const idle = await frames(page, 3, "");
    const live = await frames(page, 6, `gladHost.grow("run", 2)`);
    const late = ({ intervals }: Frames): number =>
      (100 * intervals.filter((interval) => interval > 25).length) / intervals.length;
    console.log(
      `frames more than 25 ms after the last, while 2 steps come per frame: ${late(live).toFixed(1)} % (with nothing to do: ${late(idle).toFixed(1)} %)`,
    );
    console.log(
      `longest frame ${live.intervals.at(-1)!.toFixed(0)} ms (with nothing to do: ${idle.intervals.at(-1)!.toFixed(0)} ms); long tasks: ${live.long.length}`,
    );
    row("from a step to its pixels", await lag(page));
  } finally {
    await opened.close();
    server.close();
  }
}

measureHost();
if (hasChromium("the page's side")) void measurePage();
