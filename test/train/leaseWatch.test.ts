import { statSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { endLease, grantLease, readLease, renewLease } from "../../src/protocol/lease";
import { type RunPaths, runPaths } from "../../src/protocol/runFolder";
import { watchLease } from "../../src/train/leaseWatch";
import { temporaryFolder } from "../support/temporaryFolder";

const minute = 60_000;

/** A watch on a run folder with a clock that is set by hand (milliseconds). */
function open(begun = 0) {
  const paths = runPaths(temporaryFolder());
  const clock = { now: 0 };
  const watch = watchLease(paths, () => clock.now, begun);
  /** Looks every half minute; the minutes that had passed when the lease ran out, or null. */
  const wait = (minutes: number): number | null => {
    for (let passed = 0.5; passed <= minutes; passed += 0.5) {
      clock.now += minute / 2;
      if (watch.runOut() !== null) return passed;
    }
    return null;
  };
  return { paths, clock, watch, wait };
}

/** Renews a lease at another time than before; the disk's clock may be coarse. */
function renewAt({ lease }: RunPaths, seconds: number): void {
  utimesSync(lease, seconds, seconds);
}

test("a run without a lease goes on whoever watches", () => {
  expect(open().wait(1000)).toBeNull();
});

test("a run stops when nobody has renewed its lease for long enough", async () => {
  const { paths, watch, wait } = open();
  await grantLease(paths, 10);
  expect(readLease(paths)).toMatchObject({ minutes: 10 });
  expect(wait(9)).toBeNull();
  renewAt(paths, 1e9);
  // The first look after a renewal begins to count.
  expect(wait(20)).toBe(10.5);
  expect(watch.runOut()).toBe(10);
});

test("a lease that was ended holds no more", async () => {
  const { paths, wait } = open();
  await grantLease(paths, 10);
  expect(wait(9)).toBeNull();
  await endLease(paths);
  expect(wait(1000)).toBeNull();
});

test("a machine that slept for hours has not been left by its user", async () => {
  const { paths, clock, watch, wait } = open();
  await grantLease(paths, 5);
  expect(wait(1)).toBeNull();
  clock.now += 600 * minute;
  expect(watch.runOut()).toBeNull();
  renewAt(paths, 1e9);
  expect(wait(4)).toBeNull();
});

test("a lease that an earlier trainer had is void", async () => {
  const { paths, wait } = open(Date.now() + 1e6);
  await grantLease(paths, 5);
  expect(wait(100)).toBeNull();
});

test("renewing moves the time of a lease and makes none", async () => {
  const { paths } = open();
  await renewLease(paths);
  expect(readLease(paths)).toBeNull();
  await grantLease(paths, 5);
  renewAt(paths, 1e9);
  await renewLease(paths);
  expect(statSync(paths.lease).mtimeMs).toBeGreaterThan(Date.now() - minute);
});
