import { expect, test } from "vitest";
import { accuracyCsv, curvesCsv } from "../../src/protocol/csv";
import { emptyRecord, pushEvent } from "../../src/protocol/runRecord";
import { runEvents } from "../support/runEvents";

test("writes every step with full precision, and nothing for what was not measured", () => {
  const record = emptyRecord();
  for (const event of runEvents({ steps: 2, glad: false })) pushEvent(record, event);
  const [header, first, second, end] = curvesCsv([{ name: "plain", series: record.series }]).split(
    "\r\n",
  );
  expect(header).toBe(
    "run,step,seconds,loss,perturbedLoss,sharpness,gradientNorm,samGradientNorm,finalGradientNorm,cosine,learningRate,batchAccuracy,stepSeconds,imagesPerSecond",
  );
  const cells = first!.split(",");
  expect(cells.slice(0, 3)).toEqual(["plain", "1", "0.1"]);
  expect(Number(cells[3])).toBe(record.series.columns.loss[0]);
  expect(cells[4]).toBe("");
  expect(second!.startsWith("plain,2,")).toBe(true);
  expect(end).toBe("");
});

test("quotes names that are more than one cell and disarms formulas", () => {
  const evaluation = {
    step: 0,
    seconds: 1,
    zeroShot: true,
    split: "all",
    correct: 1,
    total: 2,
    accuracy: 50,
  };
  const csv = accuracyCsv([
    { name: 'a "b", c', evaluations: [evaluation] },
    { name: "=cmd()", evaluations: [evaluation] },
  ]);
  expect(csv.split("\r\n").slice(1, 3)).toEqual([
    '"a ""b"", c",0,1,true,all,1,2,50',
    "'=cmd(),0,1,true,all,1,2,50",
  ]);
});
