import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { promisify } from "node:util";
import { UserError } from "../util/errors";
import { trainerEnvironment } from "../util/trainerEnvironment";

const execute = promisify(execFile);

/** What Slurm says of one task of a job array. */
export interface TaskState {
  /** Slurm's word, e.g. PENDING. */
  state: string;
  /** Slurm's reason, e.g. Priority; "None" where there is none. */
  reason: string;
}

/** Slurm has not taken a job, and will not. */
export class RefusedError extends UserError {}

/**
 * Submits a script; further arguments come before it. Gives the number of the job. Throws a RefusedError where there is
 * certainly no job; after any other error there may be one.
 */
export async function sbatch(script: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run("sbatch", ["--parsable", ...args, script]);
  const job = /^(\d+)(;\S+)?$/m.exec(stdout)?.[1];
  if (code === 0 && job !== undefined) return job;
  const said = (stderr || stdout).trim().replace(/^sbatch: error: /gm, "");
  const text = said.replace(/\s*\n\s*/g, "; ");
  if (code === 0 || unsure.test(said))
    throw new UserError(
      `${script}: Slurm may have taken the job, but did not say so: ${text}; the same command looks for it`,
    );
  throw new RefusedError(`${script}: Slurm refused the job: ${text}`);
}

/** The request was sent, or may have been, and the answer is missing. */
const unsure = /timed out|unable to contact|zero bytes|communication|connection|send\/recv/i;

/** The number of the job that a script was submitted as; null where Slurm knows none. */
export async function findJob(script: string): Promise<string | null> {
  const asked = ["--noheader", "--states=all", `--user=${userInfo().username}`, "--format=%F|%o"];
  const { code, stdout } = await run("squeue", asked);
  if (code !== 0) throw new UserError(noAnswer);
  const line = stdout.split("\n").find((each) => each.replace(/^\s*\d+\|/, "").trim() === script);
  return /\d+/.exec(line ?? "")?.[0] ?? null;
}

export const noAnswer =
  "squeue: Slurm's controller does not answer; try again, or ask the cluster's administrators";

/** Takes back jobs ("12") or tasks ("12_3"); those that have ended already are no error. */
export async function scancel(tasks: readonly string[]): Promise<void> {
  if (tasks.length === 0) return;
  const { code, stderr } = await run("scancel", tasks);
  const failed = stderr.split("\n").filter((line) => line !== "" && !endedAlready.test(line));
  if (code !== 0 && failed.length > 0)
    throw new UserError(`Slurm did not take back ${tasks.join(", ")}: ${failed.join("; ").trim()}`);
}

/** Why nothing can be submitted from this machine; null where Slurm's commands are here. */
export async function missingCommands(): Promise<string | null> {
  const { code } = await run("sbatch", ["--version"], true);
  return code === notFound ? notHere("sbatch") : null;
}

function notHere(command: string): string {
  // What was handed in to a cluster is there, whatever the file says now.
  const instead = submitting.includes(command) ? ', or set executor.kind to "local"' : "";
  return `${command}: not found; run this where Slurm's commands are, e.g. on the cluster's login node${instead}`;
}

/** The commands that are needed to hand runs in. */
const submitting = ["sbatch", "scontrol"];

const endedAlready = /already (completed|completing)|Invalid job id/i;

/** Without --array, which squeue has: older versions of sacct refuse it. */
export const sacctArguments = [
  "--noheader",
  "--parsable2",
  "--allocations",
  "--format=JobID,State,Reason",
];

/**
 * The states of the tasks of these jobs ("12_3" to state) that Slurm's controller remembers: each some minutes beyond its end. Null
 * when the controller does not answer.
 */
export async function queuedStates(
  jobs: readonly string[],
): Promise<Map<string, TaskState> | null> {
  const states = new Map<string, TaskState>();
  if (jobs.length === 0) return states;
  const list = `--jobs=${jobs.join(",")}`;
  const asked = ["--noheader", "--array", "--states=all", list, "--format=%i|%T|%r"];
  const { code, stdout, stderr } = await run("squeue", asked);
  if (code !== 0 && !endedAlready.test(stderr)) return null;
  readLines(stdout, states);
  return states;
}

/** The states of the tasks of these jobs by the accounts of the cluster. Null where it keeps none. */
export async function accountedStates(
  jobs: readonly string[],
): Promise<Map<string, TaskState> | null> {
  const states = new Map<string, TaskState>();
  if (jobs.length === 0) return states;
  const asked = [...sacctArguments, `--jobs=${jobs.join(",")}`];
  const { code, stdout, stderr } = await run("sacct", asked, true);
  if (code === notFound || keepsNone.test(stderr)) return null;
  // What cannot be read now is asked again.
  if (code === 0) readLines(stdout, states);
  return states;
}

const keepsNone = /accounting storage is disabled/i;

/** Adds what squeue and sacct print, `task|state|reason` in each line, to `states`. */
export function readLines(text: string, states: Map<string, TaskState>): void {
  for (const line of text.split("\n")) {
    const [tasks, state, reason] = line.trim().split("|");
    // "CANCELLED by 1000", "CANCELLED+".
    const word = /^[A-Z_]+/.exec(state ?? "")?.[0];
    if (!tasks || !word) continue;
    for (const task of expand(tasks)) states.set(task, { state: word, reason: reason ?? "None" });
  }
}

/** "12_[1,4-6%2]", as sacct names tasks that ended before they began, is 12_1, 12_4, 12_5 and 12_6. */
function expand(tasks: string): string[] {
  const [, job, list] = /^(\d+)_\[([\d,-]+)(?:%\d+)?\]$/.exec(tasks) ?? [];
  if (list === undefined) return [tasks];
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, i) => `${job}_${first! + i}`);
  });
}

/** The most tasks that an array may have on this cluster. */
export async function maxArraySize(): Promise<number> {
  const { stdout } = await run("scontrol", ["show", "config"]);
  return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? 1000);
}

/** The exit code by which a shell says that a command is not there. */
const notFound = 127;

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(command: string, args: readonly string[], optional = false): Promise<Answer> {
  try {
    // Jobs inherit the environment of sbatch, so the trainer finds CUDA as it would here.
    const options = { env: { ...trainerEnvironment(), LC_ALL: "C" }, maxBuffer: 2 ** 26 };
    return { code: 0, ...(await execute(command, args, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === "ENOENT" && !optional) throw new RefusedError(notHere(command));
    const exit = code === "ENOENT" ? notFound : code;
    if (typeof exit === "number") return { code: exit, stdout: stdout ?? "", stderr: stderr ?? "" };
    throw error;
  }
}
