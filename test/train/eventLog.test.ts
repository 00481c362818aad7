import { appendFileSync, readFileSync, rmSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "../../src/protocol/events";
import { effectiveEvents, readEvents, readEventsFrom } from "../../src/protocol/readEvents";
import { runPaths } from "../../src/protocol/runFolder";
import { openEventLog } from "../../src/train/eventLog";
import { fill, smallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";

const saved = (step: number): RunEventBody => ({ type: "saved", step, path: `step-${step}` });
const started = (step: number, resumed: boolean): RunEventBody => ({
  type: "started",
  step,
  steps: 9,
  device: "cpu",
  deviceReason: "",
  resumed,
});

describe("the log", () => {
  test("numbers events from 0 and goes on where an earlier trainer ended", () => {
    const paths = runPaths(temporaryFolder());
    const first = openEventLog(paths);
    expect(first.write(saved(1)).n).toBe(0);
    expect(first.write(saved(2)).n).toBe(1);
    first.close();
    const second = openEventLog(paths);
    expect(second.write(saved(3))).toMatchObject({ n: 2, type: "saved", step: 3 });
    second.sync();
    second.close();
    expect(readEvents(paths.events).map(({ n }) => n)).toEqual([0, 1, 2]);
    for (const { time } of readEvents(paths.events))
      expect(new Date(time).toISOString()).toBe(time);
  });

  test.each([1, 7, 40])("a line torn after %i bytes is cut off", (bytes) => {
    const paths = runPaths(temporaryFolder());
    const first = openEventLog(paths);
    first.write(saved(1));
    const whole = statSync(paths.events).size;
    const { length } = JSON.stringify(first.write(saved(2)));
    first.close();
    const torn = readFileSync(paths.events).subarray(0, whole + bytes);
    expect(bytes).toBeLessThan(length);
    rmSync(paths.events);
    appendFileSync(paths.events, torn);
    const second = openEventLog(paths);
    expect(statSync(paths.events).size).toBe(whole);
    expect(second.write(saved(5)).n).toBe(1);
    second.close();
    expect(readEvents(paths.events).map((event) => "step" in event && event.step)).toEqual([1, 5]);
  });

  test("of an event that no longer fits on the disk nothing stays behind", () => {
    const disk = smallDisk(64, "writing events on a full disk");
    if (disk === null) return;
    const paths = runPaths(disk);
    const log = openEventLog(paths);
    log.write(saved(1));
    const filling = fill(disk);
    let refused = "";
    // What is left of the page that the file has is filled first.
    for (let step = 2; step < 200 && refused === ""; step++) {
      try {
        log.write(saved(step));
      } catch (error) {
        expect((error as Error).name).toBe("UserError");
        refused = (error as Error).message;
      }
    }
    expect(refused).toMatch(/events\.jsonl: cannot be written .*the disk is full/);
    const events = readEvents(paths.events);
    expect(readFileSync(paths.events, "utf8").endsWith("\n")).toBe(true);
    rmSync(filling);
    expect(log.write(saved(300)).n).toBe(events.length);
    log.close();
    expect(readEvents(paths.events).map(({ n }) => n)).toEqual(
      Array.from({ length: events.length + 1 }, (_, i) => i),
    );
  });
});

describe("readers", () => {
  test("take what is new from a byte on, and leave a line that is being written", () => {
    const { events: file } = runPaths(temporaryFolder());
    expect(readEventsFrom(file, 0)).toEqual({ events: [], offset: 0 });
    const line = (n: number): string => `${JSON.stringify({ n, time: "t", ...saved(n) })}\n`;
    appendFileSync(file, line(0) + line(1).slice(0, 9));
    const first = readEventsFrom(file, 0);
    expect(first.events.map(({ n }) => n)).toEqual([0]);
    expect(first.offset).toBe(line(0).length);
    expect(readEventsFrom(file, first.offset).events).toEqual([]);
    appendFileSync(file, line(1).slice(9) + line(2));
    expect(readEventsFrom(file, first.offset).events.map(({ n }) => n)).toEqual([1, 2]);
    expect(readEvents(file).map(({ n }) => n)).toEqual([0, 1, 2]);
  });

  test("letters of several bytes may lie across the end of what is there", () => {
    const { events: file } = runPaths(temporaryFolder());
    const line = Buffer.from(
      `${JSON.stringify({ n: 0, time: "t", type: "warning", message: "Zürich 🦆" })}\n`,
    );
    for (const byte of line.subarray(0, -1)) {
      appendFileSync(file, Buffer.of(byte));
      expect(readEventsFrom(file, 0).events).toEqual([]);
    }
    appendFileSync(file, "\n");
    expect(readEventsFrom(file, 0).events[0]).toMatchObject({ message: "Zürich 🦆" });
  });

  test("a resumption makes void what was said of later steps", () => {
    const bodies = [
      started(0, false),
      saved(1),
      saved(2),
      { type: "warning", message: "kept" },
      saved(3),
      started(2, true),
      saved(3),
      started(0, true),
      saved(1),
    ] satisfies RunEventBody[];
    const events = bodies.map((body, n): RunEvent => ({ n, time: "t", ...body }));
    expect(effectiveEvents(events.slice(0, 7)).map(({ n }) => n)).toEqual([0, 1, 2, 3, 5, 6]);
    expect(effectiveEvents(events).map(({ n }) => n)).toEqual([0, 3, 5, 7, 8]);
  });
});
