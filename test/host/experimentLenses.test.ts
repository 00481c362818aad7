import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { recordFile } from "../../src/experiments/recordFile";
import { offerExperimentLenses } from "../../src/host/experiments/experimentLenses";
import { openExperimentStore } from "../../src/host/experiments/experimentStore";
import { openRunStore } from "../../src/host/runs/runStore";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import { temporaryFolder } from "../support/temporaryFolder";

/** How often the editor was told to ask for the lenses again. */
const told = vi.hoisted(() => ({ times: 0 }));

vi.mock("vscode", () => ({
  EventEmitter: class {
    event = (): void => undefined;
    fire = (): void => void (told.times += 1);
  },
  Disposable: { from: () => ({ dispose: (): void => undefined }) },
  workspace: { onDidGrantWorkspaceTrust: (): void => undefined },
  languages: {
    registerCodeLensProvider: (): void => undefined,
    onDidChangeDiagnostics: (): void => undefined,
  },
}));

test("lenses are asked for again when the record of an experiment appears, and not at every change", async () => {
  const folder = temporaryFolder();
  const [file, output] = [join(folder, "e.experiment.json"), join(folder, ".glad")];
  writeFileSync(file, '{ "name": "e", "protocol": "few-shto" }');
  const runs = openRunStore();
  const experiments = openExperimentStore(runs, {
    status: () => Promise.reject(new Error("is not asked")),
    mayAsk: () => false,
    texts: { fileGone: "", trainerGone: "" },
  });
  offerExperimentLenses(experiments);
  experiments.setFiles([{ file, name: "e", output }]);
  await experiments.refresh();
  expect([experiments.hasRecord(file), told.times]).toEqual([false, 0]);

  const record: ExperimentRecord = {
    ...{ name: "e", file, protocol: "few-shot", runs: join(output, "runs"), model: "m" },
    ...{
      templates: "clip-lora",
      seeds: [1],
      shots: [1],
      methods: [{ name: "GLAD", kind: "glad" }],
    },
    ...{ datasets: [{ name: "dtd", title: "DTD", published: "dtd" }], targets: [], cells: [] },
    executor: { kind: "local", parallel: "auto", retries: 1 },
  };
  const path = recordFile(record.runs, "e");
  mkdirSync(dirname(path), { recursive: true });
  const write = (seeds: number[]): void =>
    writeFileSync(path, JSON.stringify({ ...record, seeds }));
  write([1]);
  await experiments.refresh();
  expect([experiments.hasRecord(file), told.times]).toEqual([true, 1]);
  write([1, 2]);
  await experiments.refresh();
  expect(experiments.get(file)!.record!.seeds).toEqual([1, 2]);
  expect(told.times).toBe(1);
  experiments.dispose();
  runs.dispose();
});
