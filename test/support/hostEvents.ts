import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPaths, runsFolder, type RunPaths } from "../../src/protocol/runFolder";

/** A folder of a finished run with so many recorded steps; `step` is the line of a further one. */
export function writeRunEvents(
  output: string,
  steps: number,
): RunPaths & { step: (n: number) => string } {
  const paths = runPaths(join(runsFolder(output), "20260101-000000-long"));
  mkdirSync(paths.folder, { recursive: true });
  const time = (n: number): string => new Date(1.75e12 + 100 * n).toISOString();
  const step = (n: number): string =>
    JSON.stringify({
      n,
      time: time(n),
      type: "step",
      step: n,
      device: "cpu (2 threads)",
      loss: 1 / n,
      perturbedLoss: 1.1 / n,
      sharpness: 0.1 / n,
      gradientNorm: 1.643530188731244,
      samGradientNorm: 1.6994423892738235,
      finalGradientNorm: 1.6710159846723247,
      cosine: 0.998874367970754,
      learningRate: 0.0039584560098382205,
      batchAccuracy: 0.125,
      seconds: 0.1,
      imagesPerSecond: 43.59246228185694,
    }) + "\n";
  const started = { n: 0, time: time(0), type: "started", step: 0, steps, device: "cpu" };
  const more = { deviceReason: "asked for", resumed: false };
  writeFileSync(paths.config, "{}");
  writeFileSync(
    paths.status,
    JSON.stringify({
      ...{ state: "finished", pid: null, processStart: null, host: null, nonce: null },
      ...{ heartbeat: time(steps), step: steps, steps, device: "cpu", reason: null },
    }),
  );
  const lines = Array.from({ length: steps }, (_, i) => step(i + 1));
  writeFileSync(paths.events, `${JSON.stringify({ ...started, ...more })}\n${lines.join("")}`);
  const adapted = [{ split: "all", accuracy: 50 }];
  writeFileSync(paths.result, JSON.stringify({ adapted, step: steps }));
  return { ...paths, step };
}
