import { expect, it } from "vitest";
import { dataReport, registerData } from "../../src/cli/dataCommand";
import type { DataSetReport } from "../../src/data/checkData";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";
import { runCommand } from "../support/runCommand";

const report: DataSetReport = {
  dataset: "caltech101",
  title: "Caltech-101",
  folder: "/data/caltech-101",
  counts: { classes: 100, train: 4128, val: 1649, test: 2465 },
  findings: [
    { state: "ok", text: "Classes and images are as many as published." },
    {
      state: "failed",
      text: "2 images of 8242 missing below /data/caltech-101/101_ObjectCategories: ant/image_0001.jpg, bass/image_0002.jpg",
    },
  ],
};

it("reports in 80 columns", () => {
  const text = dataReport(report);
  expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
  expect(text).toMatchInlineSnapshot(`
    "Caltech-101 (--dataset caltech101) in /data/caltech-101
    100 classes; 4,128 images to train, 1,649 to validate, 2,465 to test
      ok    Classes and images are as many as published.
      FAIL  2 images of 8242 missing below /data/caltech-101/101_ObjectCategories:
            ant/image_0001.jpg, bass/image_0002.jpg
    To be mended before training.
    "
  `);
  expect(dataReport({ ...report, findings: [] })).toMatch(/Ready to train on\.\n$/);
});

it("ends with exit code 1 where something would stop a run", async () => {
  const root = temporaryFolder({ ...emptyImages("ant", 3), ...emptyImages("bee", 3) });
  const { stdout, exitCode } = await runCommand(registerData, ["data", "check", root, "--json"]);
  expect(exitCode).toBe(1);
  const [found] = JSON.parse(stdout) as DataSetReport[];
  expect(found).toMatchObject({ dataset: "folder", counts: { classes: 2, train: 4, test: 2 } });
  expect(found!.findings.at(-2)!.text).toMatch(/^6 images of 6 cannot be decoded/);
});
