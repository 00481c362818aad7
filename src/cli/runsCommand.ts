import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { bestOf } from "../protocol/best";
import type { RunEvent } from "../protocol/events";
import { effectiveEvents } from "../protocol/readEvents";
import { type RunPaths, runPaths, runsFolder } from "../protocol/runFolder";
import { readStatus, runState } from "../protocol/status";
import { secondsOfSilence } from "../protocol/trainerLock";
import { defaultRunsFolder, runIds } from "./findRun";
import { forcedLines, type RunSummary, runsTable, silenceLines } from "./renderRuns";

/** Adds `glad runs`. */
export function registerRuns(program: Command): void {
  program
    .command("runs")
    .description("list the runs, the newest first")
    .option("--output <folder>", "folder of the runs (default: that of glad.json, or .glad)")
    .option("--json", "print the runs as JSON")
    .action(({ output, json }: { output?: string; json?: boolean }) => {
      const folder = output === undefined ? defaultRunsFolder() : runsFolder(resolve(output));
      const runs = runIds(folder).map((id) => summarise(id, runPaths(join(folder, id))));
      if (json) process.stdout.write(JSON.stringify(runs, null, 2) + "\n");
      else if (runs.length === 0)
        process.stdout.write(`No run in ${folder}; \`glad train\` starts one.\n`);
      else
        process.stdout.write(
          [...runsTable(runs), ...silenceLines(runs), ...forcedLines(runs)].join("\n") + "\n",
        );
    });
}

function summarise(id: string, paths: RunPaths): RunSummary {
  const status = readStatus(paths);
  const best = bestOf(measured(paths.events));
  return {
    id,
    folder: paths.folder,
    state: status ? runState(status) : "interrupted",
    silentSeconds: status && secondsOfSilence(paths, status),
    forced: status?.forced === true,
    step: status?.step ?? 0,
    steps: status?.steps ?? 0,
    best: best && { accuracy: best.accuracy, split: best.label },
    device: status?.device ?? null,
    reason: status?.reason ?? null,
  };
}

/** The evaluations of a run that hold. Only their lines are parsed: a run may have 100,000 steps. */
function measured(file: string): Extract<RunEvent, { type: "evaluated" }>[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const events = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => /"type":"(evaluated|started)"/.test(line))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as RunEvent];
      } catch {
        return [];
      }
    });
  return effectiveEvents(events).filter((event) => event.type === "evaluated");
}
