// A run folder that looks as if a trainer had made many steps and goes on: `node longRun.mjs FOLDER STEPS [PER-SECOND]`. It stands
// for trainings of days, which no test can wait for. Says "ready" when everything is recorded; ends when it is killed.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(import.meta.url);
const start = Date.now() - 3.6e6;

/** Starts the program; resolves to its process once everything is recorded. */
export async function startLongRun(folder, steps, perSecond = 0) {
  const args = [program, folder, String(steps), String(perSecond)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((settle, reject) => {
    child.stdout.once("data", settle);
    child.once("exit", () => reject(new Error("the long run ended")));
  });
  return child;
}

/** The line of a step; `n` counts from 1. */
export function stepLine(n) {
  const noise = Math.sin(n * 12.9898) * 0.1;
  const loss = 0.3 + 2 * Math.exp(-n / 3e4) + noise;
  const step = {
    ...{ type: "step", step: n, device: "cpu (2 threads)", loss, perturbedLoss: loss + 0.05 },
    ...{ sharpness: 0.05, gradientNorm: 1.6 + noise, samGradientNorm: 1.7 + noise },
    ...{ finalGradientNorm: 1.65 + noise, cosine: 0.99, learningRate: 0.004, batchAccuracy: 0.5 },
    ...{ seconds: 0.03, imagesPerSecond: 1066.6 },
  };
  return JSON.stringify({ n, time: new Date(start + 30 * n).toISOString(), ...step }) + "\n";
}

if (process.argv[1] === program) {
  const [folder, steps, perSecond] = process.argv.slice(2);
  record(folder, Number(steps), Number(perSecond));
}

function record(folder, steps, perSecond) {
  const events = join(folder, "events.jsonl");
  const started = {
    ...{ n: 0, time: new Date(start).toISOString(), type: "started", step: 0, steps: 2 * steps },
    ...{ device: "cpu (2 threads)", deviceReason: "asked for", resumed: false },
  };
  let made = steps;
  mkdirSync(folder, { recursive: true });
  const lines = Array.from({ length: steps }, (_, i) => stepLine(i + 1));
  writeFileSync(events, `${JSON.stringify(started)}\n${lines.join("")}`);
  const holder = {
    pid: process.pid,
    processStart: processStart(),
    host: hostname(),
    nonce: "long",
  };
  writeFileSync(join(folder, "lock"), JSON.stringify(holder));
  const beat = () => {
    const said = { state: "running", step: made, steps: 2 * steps, device: "cpu", reason: null };
    const status = { ...holder, ...said, heartbeat: new Date().toISOString() };
    writeFileSync(join(folder, "status.json.tmp"), JSON.stringify(status));
    renameSync(join(folder, "status.json.tmp"), join(folder, "status.json"));
  };
  beat();
  writeFileSync(join(folder, "config.json"), "{}");
  // As a trainer writes its status (train/statusWorker).
  setInterval(beat, perSecond > 0 ? Math.min(1000, Math.max(250, 1000 / perSecond)) : 1000);
  if (perSecond > 0) setInterval(() => appendFileSync(events, stepLine(++made)), 1000 / perSecond);
  process.stdout.write("ready\n");
}

/** As `util/processStart` does it on Linux; elsewhere the heartbeat has to do. */
function processStart() {
  if (process.platform !== "linux") return null;
  const stat = readFileSync(`/proc/${process.pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
