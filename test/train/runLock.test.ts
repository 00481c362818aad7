import { spawn, spawnSync } from "node:child_process";
import {
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { runPaths, type RunPaths } from "../../src/protocol/runFolder";
import type { Status } from "../../src/protocol/status";
import { checkHold, type Holder, lockRun, RunLost } from "../../src/train/runLock";
import { processStart } from "../../src/util/processStart";
import { smallDisk, fill } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";

function self(change: Partial<Holder> = {}): Holder {
  return {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    nonce: "mine",
    ...change,
  };
}

const write = ({ lock }: RunPaths, holder: Holder): void =>
  writeFileSync(lock, JSON.stringify(holder));
const holderOf = ({ lock }: RunPaths): Holder => JSON.parse(readFileSync(lock, "utf8")) as Holder;

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

test("one trainer holds a run until it lets go, and leaves nothing behind", () => {
  const paths = runPaths(temporaryFolder());
  const release = lockRun(paths, self());
  expect(() => lockRun(paths, self({ nonce: "second" }))).toThrow(
    `is being trained by process ${process.pid}; a run has one trainer at a time, so stop that one first (glad stop)`,
  );
  expect(holderOf(paths)).toEqual(self({ folder: realpathSync(paths.folder) }));
  release();
  expect(readdirSync(paths.folder)).toEqual([]);
  lockRun(paths, self({ nonce: "second" }))();
});

test("a run is its holder's until its folder is gone or its lock is another's", () => {
  const paths = runPaths(temporaryFolder());
  const check = (): void => checkHold(paths, self());
  lockRun(paths, self());
  check();
  // As a file system without hard links shows it for a moment.
  writeFileSync(paths.lock, "");
  check();
  write(paths, self({ nonce: "theirs", pid: 77, host: "node-3" }));
  expect(check).toThrow(RunLost);
  expect(check).toThrow(
    `${paths.folder}: process 77 on node-3 has taken this run over, since its trainer was silent for more than 30 seconds`,
  );
  rmSync(paths.lock);
  writeFileSync(paths.config, "{}");
  expect(check).toThrow(`${paths.lock}: was removed while the run was trained`);
  rmSync(paths.folder, { recursive: true });
  expect(check).toThrow(RunLost);
  expect(check).toThrow(`${paths.folder}: was deleted or moved away while it was trained`);
});

test("the lock of a dead process is taken over, also when its id is used again", () => {
  const paths = runPaths(temporaryFolder());
  for (const stale of [
    self({ pid: deadPid(), nonce: "dead" }),
    self({ processStart: "long ago", nonce: "reused" }),
  ]) {
    write(paths, stale);
    const release = lockRun(paths, self());
    expect(holderOf(paths).nonce).toBe("mine");
    release();
    expect(readdirSync(paths.folder)).toEqual([]);
  }
});

test("letting go does not take away the lock of whoever holds it by now", () => {
  const paths = runPaths(temporaryFolder());
  const release = lockRun(paths, self());
  write(paths, self({ nonce: "other" }));
  release();
  expect(holderOf(paths).nonce).toBe("other");
});

test("a lock of another machine holds while the run's heartbeat is fresh", () => {
  const paths = runPaths(temporaryFolder());
  const away = self({ host: "elsewhere", nonce: "away" });
  write(paths, away);
  const beat = (secondsAgo: number): void => {
    const heartbeat = new Date(Date.now() - secondsAgo * 1000).toISOString();
    const status: Status = {
      ...away,
      state: "running",
      heartbeat,
      step: 1,
      steps: 2,
      device: null,
      reason: null,
    };
    writeFileSync(paths.status, JSON.stringify(status));
  };
  beat(1);
  expect(() => lockRun(paths, self())).toThrow(
    `is being trained by process ${process.pid} on elsewhere;`,
  );
  beat(60);
  lockRun(paths, self())();
});

test("a lock that cannot be read holds for as long as its writer may still be at it", () => {
  const paths = runPaths(temporaryFolder());
  writeFileSync(paths.lock, "");
  expect(() => lockRun(paths, self())).toThrow("is being trained by another process;");
  utimesSync(paths.lock, 0, 0);
  lockRun(paths, self())();
});

test("of many processes that find the same stale lock one takes it over", async () => {
  const folder = temporaryFolder();
  const program = join(folder, "contender.cjs");
  buildSync({
    stdin: {
      contents: `
        import { lockRun } from "./src/train/runLock";
        import { runPaths } from "./src/protocol/runFolder";
        import { processStart } from "./src/util/processStart";
        import { hostname } from "node:os";
        const [folder, start] = process.argv.slice(2);
        while (Date.now() < Number(start));
        const { pid } = process;
        try {
          lockRun(runPaths(folder), { pid, processStart: processStart(pid), host: hostname(), nonce: String(pid) });
          process.stdout.write("won\\n");
        } catch (error) {
          process.stdout.write(error.name + "\\n");
        }
        // It holds on until the test has heard of all.
        process.stdin.resume();
      `,
      resolveDir: join(import.meta.dirname, "../.."),
      loader: "ts",
    },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "warning",
  });
  const dead = deadPid();
  for (let round = 0; round < 3; round++) {
    const run = temporaryFolder();
    write(runPaths(run), self({ pid: dead, nonce: "dead" }));
    const start = Date.now() + 700;
    const contenders = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [program, run, String(start)], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    const said = await Promise.all(
      contenders.map(
        (child) =>
          new Promise<string>((settle) =>
            child.stdout.once("data", (chunk: Buffer) => settle(chunk.toString().trim())),
          ),
      ),
    );
    for (const child of contenders) child.stdin.end();
    expect(said.sort()).toEqual([...Array<string>(5).fill("UserError"), "won"]);
  }
});

test("a full disk is told in one sentence", () => {
  const disk = smallDisk(64, "locking a run on a full disk");
  if (disk === null) return;
  fill(disk);
  const paths = runPaths(disk);
  expect(() => lockRun(paths, self())).toThrow(/lock: cannot be written .*the disk is full/);
});
