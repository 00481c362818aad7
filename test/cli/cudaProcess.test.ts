import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporaryFolder";
import { until } from "../support/until";

/** A folder as of an unpacked CUDA provider; the loader's path is made of it before anything of it is opened. */
function withProvider(folder: string): NodeJS.ProcessEnv {
  const provider = join(folder, "provider");
  mkdirSync(provider);
  for (const name of ["shared", "cuda"])
    writeFileSync(join(provider, `libonnxruntime_providers_${name}.so`), "");
  const starts = join(folder, "starts.cjs");
  writeFileSync(
    starts,
    `const { LD_LIBRARY_PATH: path = "", NVIDIA_TF32_OVERRIDE: tf32 = "" } = process.env;
     require("fs").appendFileSync(${JSON.stringify(join(folder, "starts.txt"))}, [process.pid, path, tf32].join() + "\\n");`,
  );
  return {
    ...process.env,
    GLAD_CUDA_PATH: provider,
    XDG_CACHE_HOME: join(folder, "cache"),
    NODE_OPTIONS: `--require ${starts}`,
    LD_LIBRARY_PATH: "/before",
  };
}

const cli = resolve("dist/cli.js");

/** Process id, loader's path and TF32 setting of each process of the command line, in order. */
function starts(folder: string): string[][] {
  const file = join(folder, "starts.txt");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(","));
}

describe.runIf(process.platform === "linux" && process.arch === "x64")("GLAD_CUDA_PATH", () => {
  test("a command that computes is started again where the loader knows CUDA's folders", () => {
    const folder = temporaryFolder();
    const env = withProvider(folder);
    const done = spawnSync(process.execPath, [cli, "zero-shot", "nowhere.json"], {
      env,
      encoding: "utf8",
    });
    // What it says and how it ends are those of the second process.
    expect(done.stderr).toMatch(/^\S*nowhere\.json: the configuration does not exist;.*\n$/);
    expect([done.status, done.stdout]).toEqual([1, ""]);
    const [first, second, ...more] = starts(folder);
    expect(more).toEqual([]);
    expect(first!.slice(1)).toEqual(["/before", ""]);
    expect(second![1]).toMatch(/\/cache\/glad\/cuda-\w+:\S+\/provider:\/before$/);
    expect(second![2]).toBe("0");
  });

  test("a command that computes nothing is not", () => {
    const folder = temporaryFolder();
    const env = withProvider(folder);
    const done = spawnSync(process.execPath, [cli, "runs"], { env, cwd: folder });
    expect(done.status).toBe(0);
    expect(starts(folder)).toHaveLength(1);
  });

  test("a signal for the first process ends the second", async () => {
    const folder = temporaryFolder();
    const env = withProvider(folder);
    const images = join(folder, "images");
    // A pipe that nobody writes to: the second process waits for its configuration.
    spawnSync("mkfifo", [images]);
    const child = spawn(process.execPath, [cli, "zero-shot", images], { env, stdio: "ignore" });
    const ended = new Promise<number | null>((done) => child.on("close", (code) => done(code)));
    await until(() => starts(folder).length === 2, "the second process");
    child.kill("SIGTERM");
    expect(await ended).toBe(128 + 15);
    const [, second] = starts(folder);
    expect(() => process.kill(Number(second![0]), 0)).toThrow("ESRCH");
  });
});
