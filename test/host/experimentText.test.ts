import { expect, test } from "vitest";
import { parseExperiment } from "../../src/experiments/loadExperiment";
import { experimentText } from "../../src/host/experiments/experimentText";
import { experimentProtocols } from "../../src/protocol/experimentRecord";

test.each(experimentProtocols)("a new %s experiment can be read", (protocol) => {
  const text = experimentText({
    ...{ name: "new", protocol, model: "/clip", root: "/data", executor: "local" },
    own: protocol === "own" ? ["/photos", "/drawings"] : [],
  });
  const experiment = parseExperiment(text, "new.experiment.json", "/");
  expect(experiment).toMatchObject({ name: "new", protocol, seeds: [1, 2, 3] });
  // Published CLIP-LoRA had 300 for each shot, and of GLAD it is not known.
  expect(text).toContain("500 steps per shot; published methods may have had others");
});
