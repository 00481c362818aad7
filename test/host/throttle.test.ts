import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttled } from "../../src/host/throttle";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("acts at once, then once for all that was asked meanwhile, then at once again", () => {
  const times: number[] = [];
  const start = Date.now();
  const { ask } = throttled(100, () => times.push(Date.now() - start));
  ask();
  vi.advanceTimersByTime(30);
  ask();
  vi.advanceTimersByTime(30);
  ask();
  vi.advanceTimersByTime(1000);
  ask();
  expect(times).toEqual([0, 100, 1060]);
});

test("asks for an interval that changes each time", () => {
  const times: number[] = [];
  let interval = 100;
  const start = Date.now();
  const { ask } = throttled(
    () => interval,
    () => times.push(Date.now() - start),
  );
  ask();
  ask();
  interval = 500;
  vi.advanceTimersByTime(150);
  ask();
  vi.advanceTimersByTime(2000);
  expect(times).toEqual([0, 100, 600]);
});

test("does nothing more once it was let go", () => {
  let acts = 0;
  const drawing = throttled(100, () => acts++);
  drawing.ask();
  drawing.ask();
  drawing.dispose();
  vi.advanceTimersByTime(1000);
  expect(acts).toBe(1);
});
