import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { processStart } from "../../src/util/processStart";
import { findProgram } from "./programs";
import { accountPrograms, accountSettings, startAccounts } from "./slurmAccounts";
import { until } from "./until";

/** A Slurm cluster of one node on this machine, with daemons, ports, key and files of its own. */
export interface TestCluster {
  folder: string;
  /** The configuration that Slurm's commands are pointed to by SLURM_CONF. */
  conf: string;
  stop(): Promise<void>;
}

const programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel"];

/**
 * Starts a cluster with this many processors, which keeps accounts or does not, or says what is missing here for that. Where nothing is
 * and it does not start, that is thrown: tests that pass over it would be green whatever they find.
 */
export async function startCluster(
  cpus: number,
  { accounts = false } = {},
): Promise<TestCluster | string> {
  const needed = [...programs, ...(accounts ? accountPrograms : [])];
  const missing = needed.filter((program) => findProgram(program) === null);
  if (missing.length > 0) return `${missing.join(", ")} not installed (.ci/slurm.sh does it)`;
  // Daemons of another user than root cannot be told from the system's own.
  if (userInfo().uid !== 0) return "Slurm's daemons are started by root";
  const folder = mkdtempSync(join(tmpdir(), "glad-slurm-"));
  const cluster: TestCluster = {
    folder,
    conf: join(folder, "slurm.conf"),
    stop: () => stopCluster(folder),
  };
  try {
    // munged wants a way to its socket that everybody may walk, and a key that nobody else may read.
    chmodSync(folder, 0o711);
    for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "key"), randomBytes(1024), { mode: 0o600 });
    const [ctld, d, dbd, database] = (await freePorts(4)) as [number, number, number, number];
    const more = accounts ? accountSettings(folder, dbd) : {};
    writeFileSync(cluster.conf, configuration(folder, cpus, [ctld, d], more));
    writeFileSync(join(folder, "gres.conf"), `Name=card Count=${cpus}\n`);
    startMunge(folder);
    if (accounts) await startAccounts(folder, dbd, database);
    daemon("slurmctld", ["-f", cluster.conf, "-c"]);
    daemon("slurmd", ["-f", cluster.conf]);
    const env = { ...process.env, SLURM_CONF: cluster.conf };
    const isIdle = (): boolean =>
      spawnSync("sinfo", ["--noheader", "--format=%T"], { env, encoding: "utf8" }).stdout.includes(
        "idle",
      );
    await until(isIdle, "the node", 20);
    return cluster;
  } catch (error) {
    const log = spawnSync("tail", ["-n", "3", join(folder, "slurmctld.log")], { encoding: "utf8" });
    await cluster.stop();
    throw new Error(`Slurm cannot be started: ${String(error)} ${log.stdout}`, { cause: error });
  }
}

function configuration(
  folder: string,
  cpus: number,
  [ctld, d]: number[],
  more: Record<string, string | number>,
): string {
  const host = hostname().split(".")[0]!;
  const settings = {
    ClusterName: "glad",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: ctld,
    SlurmdPort: d,
    SlurmUser: "root",
    AuthType: "auth/munge",
    AuthInfo: `socket=${join(folder, "munge.socket")}`,
    CredType: "cred/munge",
    StateSaveLocation: join(folder, "state"),
    SlurmdSpoolDir: join(folder, "spool"),
    SlurmctldPidFile: join(folder, "slurmctld.pid"),
    SlurmdPidFile: join(folder, "slurmd.pid"),
    SlurmctldLogFile: join(folder, "slurmctld.log"),
    SlurmdLogFile: join(folder, "slurmd.log"),
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    MpiDefault: "none",
    JobAcctGatherType: "jobacct_gather/none",
    AccountingStorageType: "accounting_storage/none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_CPU",
    SchedulerType: "sched/builtin",
    SchedulerParameters: "sched_interval=1,sched_min_interval=0,batch_sched_delay=0",
    PreemptType: "preempt/partition_prio",
    PreemptMode: "REQUEUE",
    // Something to be asked for beside processors, as GPUs are.
    GresTypes: "card",
    KillWait: 10,
    ReturnToService: 2,
    // More tasks at once than this machine has processors.
    SlurmdParameters: "config_overrides",
    ...more,
  };
  return [
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus} Gres=card:${cpus} State=UNKNOWN`,
    "PartitionName=usual Nodes=ALL Default=YES PriorityTier=1 State=UP",
    "PartitionName=urgent Nodes=ALL PriorityTier=2 PreemptMode=OFF State=UP",
    "",
  ].join("\n");
}

function startMunge(folder: string): void {
  const file = (name: string): string => join(folder, name);
  daemon("munged", [
    `--key-file=${file("key")}`,
    `--socket=${file("munge.socket")}`,
    `--pid-file=${file("munged.pid")}`,
    `--log-file=${file("munged.log")}`,
    `--seed-file=${file("munged.seed")}`,
  ]);
}

/** Runs a program that goes into the background by itself. */
function daemon(program: string, args: string[]): void {
  execFileSync(findProgram(program)!, args, { stdio: "ignore" });
}

async function stopCluster(folder: string): Promise<void> {
  // Tasks of a test that failed half-way; the daemons' end would leave them at work.
  const env = { ...process.env, SLURM_CONF: join(folder, "slurm.conf") };
  const ask = (...command: [string, ...string[]]): string =>
    spawnSync(command[0], command.slice(1), { env, encoding: "utf8" }).stdout;
  ask("scancel", "--user=root");
  await until(() => ask("squeue", "--noheader").trim() === "", "the end of all jobs", 20);
  for (const name of ["slurmd", "slurmctld", "slurmdbd", "mariadbd", "munged"]) {
    let pid: number;
    try {
      pid = Number(readFileSync(join(folder, `${name}.pid`), "utf8"));
      process.kill(pid, "SIGTERM");
    } catch {
      continue;
    }
    await until(() => processStart(pid) === null, `the end of ${name}`, 20);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Ports that nothing listens on now. */
function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((settle, fail) => {
          server.once("error", fail);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => settle(typeof address === "object" ? address!.port : 0));
          });
        }),
    ),
  );
}
