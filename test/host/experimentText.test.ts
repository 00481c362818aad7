import { expect, test } from "vitest";
import { parseExperiment } from "../../src/experiments/loadExperiment";
import { experimentText } from "../../src/host/experiments/experimentText";
import { experimentProtocols } from "../../src/protocol/experimentRecord";

test.each(experimentProtocols)("a new %s experiment can be read", (protocol) => {
  const text = experimentText({
    ...{ name: "new", protocol, model: "/clip", root: "/data", executor: "local" },
    own: protocol === "own" ? ["/photos", "/drawings"] : [],
    ...{ shots: 16, scarce: null },
  });
  const experiment = parseExperiment(text, "new.experiment.json", "/");
  expect(experiment).toMatchObject({ name: "new", protocol, seeds: [1, 2, 3] });
  // Published CLIP-LoRA had 300 for each shot, and of GLAD it is not known.
  expect(text).toContain("500 steps per shot; published methods may have had others");
});

test.each([
  ["own", 2, [2]],
  ["own", 16, [8]],
  ["base-to-novel", null, [1]],
  ["few-shot", 4, [1, 2, 4]],
] as const)(
  "a new %s experiment asks for no more shots than the folder has, %s",
  (protocol, shots, asked) => {
    const text = experimentText({
      ...{ name: "new", protocol, model: "/clip", root: null, executor: "local" as const },
      own: protocol === "own" ? ["/photos", "/drawings"] : ["/photos"],
      ...{ shots, scarce: { name: "rare", train: 3 } },
    });
    expect(parseExperiment(text, "new.experiment.json", "/").shots).toEqual(asked);
    expect(text).toContain('// Class "rare" has only 3 to train on');
  },
);
