import { join } from "node:path";
import { trainedSets } from "../../src/data/sets/index";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import { writeFiles } from "./temporaryFolder";

/** Writes an experiment of about so many finished runs below a folder, as they lie on the disk; gives its file. */
export function bigExperiment(folder: string, count: number): string {
  const file = join(folder, "big.experiment.json");
  const methods = ["lora", "sam", "glad"] as const;
  const shots = [1, 2, 4, 8, 16];
  const seeds = Array.from({ length: 3 }, (_, i) => i + 1);
  const cells = trainedSets
    .flatMap(({ name: dataset }) =>
      methods.flatMap((method) =>
        shots.flatMap((count) =>
          seeds.map((seed) => ({
            run: `20260101-000000-${dataset}-${method}-${count}-${seed}-0123abcd`,
            method,
            dataset,
            shots: count,
            seed,
          })),
        ),
      ),
    )
    .slice(0, count);
  const record: ExperimentRecord = {
    name: "halves",
    file,
    protocol: "few-shot",
    runs: join(folder, ".glad/runs"),
    model: "openai/clip-vit-base-patch16",
    templates: "clip-lora",
    seeds,
    shots,
    methods: methods.map((kind) => ({ name: kind, kind })),
    datasets: trainedSets.map(({ name, title }) => ({ name, title, published: name })),
    targets: [],
    executor: { kind: "local", parallel: "auto", retries: 1 },
    cells,
  };
  const status = {
    ...{ state: "finished", pid: null, processStart: null, host: null, nonce: "n" },
    ...{ heartbeat: "2026-01-01T00:00:00.000Z", step: 8000, steps: 8000 },
    ...{ device: "cpu", reason: null },
  };
  const measured = [{ split: "all", correct: 700, total: 1000, accuracy: 70 }];
  const result = { reason: "completed", step: 8000, zeroShot: [], adapted: measured };
  writeFiles(folder, { "big.experiment.json": '{ "name": "halves", "protocol": "few-shot" }' });
  writeFiles(join(folder, ".glad"), {
    "experiments/halves/experiment.json": JSON.stringify(record),
    ...Object.fromEntries(
      cells.flatMap(({ run }) => [
        [`runs/${run}/config.json`, "{}"],
        [`runs/${run}/status.json`, JSON.stringify(status)],
        [`runs/${run}/result.json`, JSON.stringify(result)],
      ]),
    ),
  });
  return file;
}
