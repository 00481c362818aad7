import { afterEach, expect, test, vi } from "vitest";
import { awakeTime, newTicks, tick } from "../../src/train/awakeClock";

afterEach(() => void vi.restoreAllMocks());

test("a clock goes on between ticks and stands still where there were none, told before the next tick or after it", () => {
  let seconds = 100;
  vi.spyOn(process.hrtime, "bigint").mockImplementation(() => BigInt(Math.round(1e9 * seconds)));
  const ticks = newTicks();
  const passed = (more: number): number => {
    const before = awakeTime(ticks);
    seconds += more;
    return awakeTime(ticks) - before;
  };
  expect(passed(0.7)).toBe(700);
  tick(ticks);
  expect(passed(1.2)).toBe(1200);
  // As late as this comes a tick of a busy machine.
  expect(passed(3)).toBe(3000);
  tick(ticks);
  expect(passed(3600)).toBe(5000);
  tick(ticks);
  expect(passed(0)).toBe(0);
  expect(passed(2)).toBe(2000);
});
