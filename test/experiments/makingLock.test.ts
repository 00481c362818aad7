import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whileMaking } from "../../src/experiments/makingLock";
import { temporaryFolder } from "../support/temporaryFolder";

const pause = (milliseconds: number) => new Promise((settle) => setTimeout(settle, milliseconds));

test("one after the other makes runs, whatever becomes of the one before", async () => {
  const runs = join(temporaryFolder(), ".glad/runs");
  const order: string[] = [];
  const work = (name: string, end: () => void) => async () => {
    order.push(`${name} begins`);
    await pause(50);
    order.push(`${name} ends`);
    end();
  };
  const fail = (): void => {
    throw new Error("no model");
  };
  const waited: (number | null)[] = [];
  const first = whileMaking(runs, work("first", fail));
  const second = whileMaking(
    runs,
    work("second", () => undefined),
    (pid) => waited.push(pid),
  );
  await expect(first).rejects.toThrow("no model");
  await second;
  expect(order).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  expect(new Set(waited)).toEqual(new Set([process.pid]));
  expect(readdirSync(join(runs, "../experiments"))).toEqual([]);
});

test("what fails leaves no empty folder, and keeps one with something in it", async () => {
  const folder = temporaryFolder();
  const runs = join(folder, ".glad/runs");
  const fail = (): Promise<void> => Promise.reject(new Error("no model"));
  // Several at once: each takes away what the next needs.
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => whileMaking(runs, fail)));
  expect(all.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
  expect(all.map((each) => String((each as PromiseRejectedResult).reason))).toEqual(
    Array(5).fill("Error: no model"),
  );
  expect(readdirSync(folder)).toEqual([]);
  mkdirSync(join(folder, ".glad/experiments/mine"), { recursive: true });
  await expect(whileMaking(runs, fail)).rejects.toThrow("no model");
  expect(readdirSync(join(folder, ".glad/experiments"))).toEqual(["mine"]);
});

test("what fails keeps an empty folder that was there before it, and those above", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "out"));
  const fail = (): Promise<void> => Promise.reject(new Error("no model"));
  for (const output of ["out", "out/further/down"]) {
    await expect(whileMaking(join(folder, output, "runs"), fail)).rejects.toThrow("no model");
    expect(readdirSync(folder, { recursive: true })).toEqual(["out"]);
  }
});

test("a maker that died is not waited for; one on another machine is by the lock's time", async () => {
  const runs = join(temporaryFolder(), ".glad/runs");
  const lock = join(runs, "../experiments/lock");
  mkdirSync(join(runs, "../experiments"), { recursive: true });
  const hold = (host: string | null) =>
    writeFileSync(lock, JSON.stringify({ nonce: "n", pid: 2 ** 22 + 1, processStart: "1", host }));
  hold(null);
  expect(await whileMaking(runs, () => Promise.resolve("made"))).toBe("made");
  hold("elsewhere");
  const giveUp = (): void => {
    throw new Error("waited");
  };
  await expect(whileMaking(runs, () => Promise.resolve(), giveUp)).rejects.toThrow("waited");
  const longAgo = new Date(Date.now() - 600_000);
  utimesSync(lock, longAgo, longAgo);
  expect(await whileMaking(runs, () => Promise.resolve("made"), giveUp)).toBe("made");
});

test("where nothing can be written it says so", async () => {
  const folder = temporaryFolder({ experiments: "a file" });
  await expect(whileMaking(join(folder, "runs"), () => Promise.resolve())).rejects.toThrow(
    /experiments: no folder can be made there .*; set "output" in "config" to a folder that can be written/,
  );
});
