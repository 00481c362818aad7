import { expect, test } from "vitest";
import { findingLabel } from "../../../src/host/data/findingLabel";

test.each([
  ["/data/my owls: left out 1 folder.", "Left out 1 folder."],
  ['/data/my owls has no folder "test".', 'Has no folder "test".'],
  ["/data/my owls/train: left out 2 files.", "train: left out 2 files."],
  ["/data/my owls2: left out 1 folder.", "/data/my owls2: left out 1 folder."],
  ["2 images cannot be decoded", "2 images cannot be decoded"],
])("the row of %s begins with what there is to say", (text, label) => {
  expect(findingLabel(text, "/data/my owls")).toBe(label);
});
