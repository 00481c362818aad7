// A configuration of the workspace is trained to its end; what the page shows is what the run's files say.
import { readFileSync } from "node:fs";
import {
  drawnPixels,
  expect,
  palette,
  prepareDemo,
  resultsIn,
  runFile,
  untilDrawn,
} from "../user.mjs";

const settings = {
  training: { steps: 30, augment: false },
  evaluation: { every: 10 },
  checkpoints: { every: 10 },
};

export async function flow({ page, workspace, shot }) {
  await prepareDemo(workspace, settings);
  await palette(page, "GLAD: Train");
  const frame = await resultsIn(page, "finished");
  await untilDrawn(frame);
  await shot("curves");
  const drawn = await drawnPixels(frame);
  for (const [chart, pixels] of Object.entries(drawn))
    expect(pixels > 50, `the chart "${chart}" has ${pixels} coloured pixels`);
  expect(Object.keys(drawn).length >= 5, `only ${Object.keys(drawn)} are shown`);

  await frame.getByRole("tab", { name: "Accuracy" }).click();
  const result = JSON.parse(readFileSync(runFile(workspace, "result.json"), "utf8"));
  for (const { split, accuracy, correct, total } of result.adapted) {
    const row = frame.locator(".split-table tr", { hasText: new RegExp(split, "i") }).first();
    const text = (await row.innerText()).replaceAll(",", "");
    const before = result.zeroShot.find((each) => each.split === split).accuracy;
    for (const value of [accuracy.toFixed(2), before.toFixed(2), String(correct), String(total)])
      expect(text.includes(value), `${split}: ${value} of result.json is not in "${text}"`);
  }
}
