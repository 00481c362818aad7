import { expect, test } from "vitest";
import { duration, percentDone, speed } from "../../src/protocol/pace";

test("times are exact where they are short", () => {
  const times = [0.4, 59.4, 59.6, 65, 599.4, 599.6, 3569, 3570, 3900, 86_399];
  expect(times.map(duration)).toEqual([
    ...["0 s", "59 s", "1 min 00 s", "1 min 05 s", "9 min 59 s"],
    ...["10 min", "59 min", "1 h 00 min", "1 h 05 min", "24 h 00 min"],
  ]);
});

test("speeds have a decimal where they are low", () => {
  const speeds = [3.14159, 99.94, 99.96, 1234.5];
  expect(speeds.map((each) => speed(each))).toEqual(["3.1", "99.9", "100", "1235"]);
  expect(speed(1234.5, (value) => value.toLocaleString("en-US"))).toBe("1,235");
});

test("nothing is all done before it is, and an even percent stays one", () => {
  expect([0, 2 / 3, 0.999, 0.29, 1].map(percentDone)).toEqual([0, 66, 99, 29, 100]);
});
