import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SlurmSettings } from "../protocol/executor";
import { isLiving } from "../protocol/living";
import { clearAllControl, requestControl, runPaths } from "../protocol/runFolder";
import { makeFolderSync } from "../util/makeFolder";
import { programFile } from "../util/programs";
import { type Executor, type Standing, standingOf } from "./executor";
import { maxArraySize, RefusedError, sbatch, scancel, type TaskState } from "./slurmCommands";
import {
  changeRecord,
  newestTasks,
  noteCancelled,
  lookUp,
  noteNumber,
  readRecord,
  type RecordedTask,
  settle,
} from "./slurmRecord";
import { slurmScript } from "./slurmScript";
import { askSlurm, hasEnded, isAtWork } from "./slurmStates";

export interface SlurmOptions {
  /** The file that remembers which run is which task; scripts and Slurm's own output lie beside it. */
  file: string;
  /** Name of the jobs. */
  name: string;
  /** Slurm is asked no more often than this: its controller serves everybody. */
  seconds?: number;
  /** Hears that a submission that was cut off is waited for. */
  onWait?: () => void;
}

/** A Slurm cluster whose nodes see the run folders under the same paths as this machine. */
export function slurmExecutor(settings: SlurmSettings, options: SlurmOptions): Executor {
  const file = resolve(options.file);
  const ask = askSlurm((options.seconds ?? 10) * 1000);
  /** The tasks of runs, the newest of each, with what Slurm says of them. */
  const tasksOf = async (runs: readonly string[], fresh: boolean): Promise<Map<string, Task>> => {
    if (fresh) await settle(file, options.onWait ?? (() => undefined));
    const record = fresh ? readRecord(file) : await lookUp(file);
    const tasks = newestTasks(record, new Set(runs.map((run) => resolve(run))));
    const said = await ask(
      [...tasks.values()].map(({ task }) => task),
      fresh,
    );
    return new Map(
      [...tasks].map(([run, task]) => [run, { ...task, slurm: said.get(task.task) ?? null }]),
    );
  };
  return {
    async submit(runs) {
      const tasks = await tasksOf(runs, true);
      const atWork = (run: string): Task | null => {
        const task = tasks.get(run);
        return task?.slurm && !hasEnded(task.slurm) ? task : null;
      };
      const taken = [...new Set(runs.map((run) => resolve(run)))].filter(
        (run) => atWork(run)?.cancelled !== false && standingOf(run).state !== "finished",
      );
      // Those that were just taken back first save what they have.
      const stopping = new Map(taken.map((run) => [run, atWork(run)?.task]));
      if (taken.length > 0) await submitAll(taken, settings, { ...options, file, stopping });
      return taken;
    },
    async standings(runs) {
      // Of the others Slurm has nothing to add.
      const open = runs.filter((run) => standingOf(run).state !== "finished");
      const tasks = await tasksOf(open, false);
      return runs.map((run) => slurmStanding(resolve(run), tasks.get(resolve(run)), dirname(file)));
    },
    async cancel(runs) {
      const tasks = await tasksOf(runs, true);
      const active = [...tasks].filter(([, { slurm }]) => slurm !== null && !hasEnded(slurm));
      // Slurm kills some seconds after its signal; the request is there even where the signal does not arrive.
      for (const [run] of active)
        if (isLiving(standingOf(run).state)) requestControl(runPaths(run), "stop");
      noteCancelled(file, new Set(active.map(([run]) => run)));
      await scancel(active.map(([, { task }]) => task));
      await tasksOf(runs, true);
      return active.map(([run]) => run);
    },
    // Slurm itself sees to what was submitted.
    idle: () => null,
    resume: () => Promise.resolve(),
  };
}

interface Task extends RecordedTask {
  /** Null where Slurm does not know it any more. */
  slurm: TaskState | null;
}

async function submitAll(
  runs: readonly string[],
  settings: SlurmSettings,
  { file, name, stopping }: SlurmOptions & { stopping: ReadonlyMap<string, string | undefined> },
): Promise<void> {
  const folder = dirname(file);
  makeFolderSync(folder);
  const most = await maxArraySize();
  for (let i = 0; i < runs.length; i += most) {
    const part = runs.slice(i, i + most);
    const number = readRecord(file).jobs.length + 1;
    const script = join(folder, `slurm-${number}-${randomBytes(4).toString("hex")}.sh`);
    const program = { node: process.execPath, trainer: programFile("trainer.js") };
    writeFileSync(script, slurmScript(name, part, settings, program));
    const before = part.flatMap((run) => stopping.get(run) ?? []);
    // Requests to an earlier trainer are not meant for this one, unless that is still to follow them.
    for (const run of part) if (!stopping.get(run)) clearAllControl(runPaths(run));
    const output = join(folder.replaceAll("%", "%%"), "slurm-%A_%a.out");
    const after = before.length === 0 ? [] : [`--dependency=afterany:${before.join(":")}`];
    const submitted = new Date().toISOString();
    changeRecord(file, ({ jobs }) =>
      jobs.push({ job: null, script, submitted, runs: [...part], cancelled: [] }),
    );
    const job = await sbatch(script, [`--output=${output}`, ...after]).catch((error: unknown) => {
      if (error instanceof RefusedError) noteNumber(file, script, null);
      throw error;
    });
    noteNumber(file, script, job);
  }
}

/** How a run stands by its folder and by what Slurm says of its task, whose own output lies in `folder`. */
function slurmStanding(run: string, task: Task | undefined, folder: string): Standing {
  const standing = standingOf(run);
  // A task that is put back into the queue does not begin a run anew that is finished.
  if (task === undefined || standing.state === "finished") return standing;
  const { slurm } = task;
  if (slurm === null || hasEnded(slurm)) return endedStanding(standing, task, folder);
  if (isLiving(standing.state)) return { ...standing, settled: false };
  if (isAtWork(slurm)) return { ...standing, state: "starting", reason: null, settled: false };
  const reason = slurm.reason === "None" ? "waits in Slurm's queue" : `Slurm: ${slurm.reason}`;
  return { ...standing, state: "waiting", reason, settled: false };
}

/** The folder says how the run ended; Slurm knows more where its trainer was killed or never began. */
function endedStanding(
  standing: Standing,
  { task, cancelled, slurm }: Task,
  folder: string,
): Standing {
  const ended = `Slurm ended task ${task}${slurm === null ? "" : `: ${slurm.state}`}`;
  // Where it lives it may be saving its last checkpoint; dead on another machine, its heartbeat will tell.
  if (isLiving(standing.state)) return { ...standing, settled: false };
  if (standing.state === "interrupted") return { ...standing, reason: ended };
  if (standing.state !== "created") return standing;
  if (cancelled || slurm?.state === "CANCELLED")
    return { ...standing, state: "stopped", reason: "was taken back before it started" };
  const output = `slurm-${task}.out`;
  const began = existsSync(join(folder, output));
  // Slurm opens a task's output first of all, and without accounting does not say that somebody took a task back.
  if (slurm === null && !began)
    return { ...standing, state: "stopped", reason: `${ended} before it started, say by scancel` };
  const reason = `${ended} before the trainer began${began ? `; see ${output}` : ""}`;
  return { ...standing, state: "failed", reason };
}
