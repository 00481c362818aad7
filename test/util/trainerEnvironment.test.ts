import { expect, test } from "vitest";
import { trainerEnvironment } from "../../src/util/trainerEnvironment";

test("a trainer gives large blocks back, unless its user says otherwise", () => {
  expect(trainerEnvironment({})).toMatchObject({
    MALLOC_MMAP_THRESHOLD_: "1048576",
    NVIDIA_TF32_OVERRIDE: "0",
  });
  expect(trainerEnvironment({ MALLOC_MMAP_THRESHOLD_: "5", A: "b" })).toMatchObject({
    MALLOC_MMAP_THRESHOLD_: "5",
    A: "b",
  });
});
