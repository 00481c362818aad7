import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { findProgram } from "./programs";
import { until } from "./until";

/** What a cluster with accounts needs beside Slurm: its accounting daemon and the database that this one writes to. */
export const accountPrograms = [
  "slurmdbd",
  "sacct",
  "sacctmgr",
  "mariadbd",
  "mariadb-install-db",
  "mariadb",
];

/** Lines of slurm.conf by which a cluster keeps accounts with the daemon that listens on `port`. */
export function accountSettings(folder: string, port: number): Record<string, string | number> {
  return {
    AccountingStorageType: "accounting_storage/slurmdbd",
    AccountingStorageHost: "127.0.0.1",
    AccountingStoragePort: port,
    AccountingStoragePass: join(folder, "munge.socket"),
    // The controller forgets a task so many seconds after its end; then only the accounts know of it.
    MinJobAge: 2,
  };
}

/** Starts a database and Slurm's accounting daemon in the folder of a cluster whose munged runs. */
export async function startAccounts(
  folder: string,
  port: number,
  databasePort: number,
): Promise<void> {
  const file = (name: string): string => join(folder, name);
  const data = ["--no-defaults", "--user=root", `--datadir=${file("database")}`];
  run("mariadb-install-db", [
    ...data,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ]);
  const log = openSync(file("mariadbd.log"), "w");
  const options = [`--socket=${file("mariadbd.socket")}`, `--pid-file=${file("mariadbd.pid")}`];
  const listens = [`--port=${databasePort}`, "--bind-address=127.0.0.1"];
  spawn(findProgram("mariadbd")!, [...data, ...options, ...listens], {
    stdio: ["ignore", log, log],
    detached: true,
  }).unref();
  closeSync(log);
  const who = "slurm@'127.0.0.1'";
  const statements = `create user ${who} identified by 'slurm'; grant all on accounts.* to ${who}`;
  const client = ["--no-defaults", options[0]!, "--execute"];
  const asks = (statement: string): boolean =>
    spawnSync(findProgram("mariadb")!, [...client, statement]).status === 0;
  await until(() => asks("select 1"), "the database", 20);
  if (!asks(statements)) throw new Error("the database refuses its user");
  const settings = {
    AuthType: "auth/munge",
    AuthInfo: file("munge.socket"),
    DbdHost: hostname().split(".")[0]!,
    DbdAddr: "127.0.0.1",
    DbdPort: port,
    SlurmUser: "root",
    LogFile: file("slurmdbd.log"),
    PidFile: file("slurmdbd.pid"),
    StorageType: "accounting_storage/mysql",
    StorageHost: "127.0.0.1",
    StoragePort: databasePort,
    StorageUser: "slurm",
    StoragePass: "slurm",
    StorageLoc: "accounts",
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  // The daemon looks for its configuration beside slurm.conf, and wants nobody else to read it.
  writeFileSync(file("slurmdbd.conf"), lines.join(""), { mode: 0o600 });
  const env = { ...process.env, SLURM_CONF: file("slurm.conf") };
  run("slurmdbd", [], env);
  const added = (): boolean =>
    spawnSync(findProgram("sacctmgr")!, ["--immediate", "add", "cluster", "glad"], { env })
      .status === 0;
  await until(added, "the accounting daemon", 20);
}

function run(program: string, args: readonly string[], env = process.env): void {
  const { status, stderr } = spawnSync(findProgram(program)!, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr.trim()}`);
}
