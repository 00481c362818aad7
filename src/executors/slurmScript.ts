import type { SlurmSettings } from "../protocol/executor";
import { runPaths } from "../protocol/runFolder";

export interface SlurmProgram {
  /** The node program of this machine; where a compute node does not have it, `node` is looked for. */
  node: string;
  trainer: string;
}

/**
 * The script of a job array with one task per run. A task that is preempted is put back by Slurm and goes on from the last
 * checkpoint; one that comes near its time limit saves a checkpoint and puts itself back.
 */
export function slurmScript(
  name: string,
  runs: readonly string[],
  settings: SlurmSettings,
  { node, trainer }: SlurmProgram,
): string {
  const directives = settings.extraLines.filter((line) => line.startsWith("#SBATCH"));
  const setup = settings.extraLines.filter((line) => !line.startsWith("#SBATCH"));
  return [
    "#!/bin/bash",
    `#SBATCH --job-name=${name.replace(/[^\w.-]/g, "-")}`,
    `#SBATCH --array=0-${runs.length - 1}${settings.parallel === null ? "" : `%${settings.parallel}`}`,
    "#SBATCH --requeue",
    "#SBATCH --open-mode=append",
    "#SBATCH --signal=B:USR1@60",
    ...options(settings),
    ...directives,
    "",
    ...setup,
    "runs=(",
    ...runs.map((run) => `  ${quote(run)}`),
    ")",
    "run=${runs[$SLURM_ARRAY_TASK_ID]}",
    `node=${quote(node)}`,
    '[ -x "$node" ] || node=node',
    body(trainer),
  ].join("\n");
}

function options(settings: SlurmSettings): string[] {
  return (["partition", "time", "gres", "account"] as const).flatMap((option) =>
    settings[option] === null ? [] : [`#SBATCH --${option}=${settings[option]}`],
  );
}

/** Exit code 130 is the trainer's word for "stopped, and can be resumed". */
function body(trainer: string): string {
  return `
"$node" ${quote(trainer)} "$run" >> "$run"/${quote(runPaths("").log)} 2>&1 &
trainer=$!
# Slurm's TERM reaches the trainer too, which saves a checkpoint and ends; a second one would end it at once. USR1, a
# minute before the time limit, reaches this shell alone.
limit=
trap : TERM
trap 'limit=near; kill -TERM "$trainer" 2> /dev/null' USR1
while wait "$trainer"; code=$?; [ "$code" -gt 128 ] && kill -0 "$trainer" 2> /dev/null; do :; done
if [ -n "$limit" ] && [ "$code" -gt 128 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit "$code"
`;
}

/** A word of a shell script that means exactly this text. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
