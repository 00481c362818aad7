import { appendFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventOfLine, tailLines } from "../../src/host/runs/tail";
import { temporaryFolder } from "../support/temporaryFolder";
import { openFiles } from "../support/openFiles";

describe("a growing file", () => {
  test("gives whole lines alone, wherever the pieces end", async () => {
    const folder = temporaryFolder({ "a.jsonl": "" });
    const file = join(folder, "a.jsonl");
    const lines: string[] = [];
    const tail = tailLines(file, (line) => lines.push(line));
    const long = "ä".repeat(200_000);
    for (const piece of ["on", "e\ntw", "o\n", Buffer.from(`${long}\n`).subarray(0, 150_001)]) {
      appendFileSync(file, piece);
      await tail.read();
    }
    expect(lines).toEqual(["one", "two"]);
    appendFileSync(file, Buffer.from(`${long}\n`).subarray(150_001));
    expect(await tail.read()).toBe(true);
    expect(lines[2]).toBe(long);
    expect(await tail.read()).toBe(false);
  });

  test("loses nothing where a trainer cuts off a torn line and writes on in its place", async () => {
    const folder = temporaryFolder({ "a.jsonl": "one\ntorn by a kil" });
    const file = join(folder, "a.jsonl");
    const lines: string[] = [];
    const tail = tailLines(file, (line) => lines.push(line));
    await tail.read();
    truncateSync(file, 4);
    expect(await tail.read()).toBe(false);
    appendFileSync(file, "two\nthree, which is longer than what was torn\n");
    await tail.read();
    expect(lines).toEqual(["one", "two", "three, which is longer than what was torn"]);
  });

  test("begins anew where lines were cut off, or another file took its place", async () => {
    const folder = temporaryFolder({ "a.jsonl": "one\ntwo\n" });
    const file = join(folder, "a.jsonl");
    let lines: string[] = [];
    const onReset = (): void => void (lines = []);
    const tail = tailLines(file, (line) => lines.push(line), { onReset });
    await tail.read();
    truncateSync(file, 4);
    await tail.read();
    expect(lines).toEqual(["one"]);
    writeFileSync(`${file}.new`, "three\nfour\nfive\n");
    renameSync(`${file}.new`, file);
    await tail.read();
    expect(lines).toEqual(["three", "four", "five"]);
  });

  test("gives a last line without its end when that is asked for", async () => {
    const folder = temporaryFolder({ "log.txt": "old\none\nSegmentation fault" });
    const lines: string[] = [];
    const tail = tailLines(join(folder, "log.txt"), (line) => lines.push(line), { from: 4 });
    await tail.read();
    expect(lines).toEqual(["one"]);
    expect(await tail.read(true)).toBe(true);
    expect(await tail.read(true)).toBe(false);
    expect(lines).toEqual(["one", "Segmentation fault"]);
  });

  test("is read on while it is kept open, and looked for again by a reading", async () => {
    const file = join(temporaryFolder({ "a.jsonl": "one\n" }), "a.jsonl");
    const lines: string[] = [];
    const onReset = (): void => void lines.push("reset");
    const tail = tailLines(file, (line) => lines.push(line), { onReset });
    expect(await tail.readOn()).toBe(true);
    const long = "x".repeat(20_000);
    appendFileSync(file, `two\n${long}\nthr`);
    expect(await tail.readOn()).toBe(true);
    expect(await tail.readOn()).toBe(false);
    appendFileSync(file, "ee\n");
    expect(await tail.readOn()).toBe(true);
    expect(lines).toEqual(["one", "two", long, "three"]);
    if (process.platform === "linux") expect(openFiles(file)).toBe(1);
    await tail.rest();
    expect(openFiles(file)).toBe(0);
    appendFileSync(file, "four\n");
    expect(await tail.readOn()).toBe(true);
    writeFileSync(`${file}.new`, "five\n");
    renameSync(`${file}.new`, file);
    expect(await tail.readOn()).toBe(false);
    expect(await tail.read()).toBe(true);
    expect(openFiles(file)).toBe(0);
    appendFileSync(file, "six\n");
    expect(await tail.readOn()).toBe(true);
    expect(lines.slice(4)).toEqual(["four", "reset", "five", "six"]);
    await tail.rest();
    await tail.rest();
    expect(openFiles(file)).toBe(0);
  });

  test("that is not there has no lines", async () => {
    expect(await tailLines("/nowhere/a.jsonl", () => undefined).read()).toBe(false);
  });

  test("torn lines are no events, and confusion counts are left out", () => {
    expect(eventOfLine('{"n":1,"ty')).toBeNull();
    const line =
      '{"n":1,"time":"","type":"evaluated","split":"a,\\"confusion\\":[","confusion":[[1,0],[0,2]]}';
    const split = 'a,"confusion":[';
    expect(eventOfLine(line)).toEqual({ n: 1, time: "", type: "evaluated", split });
    for (const other of ["1", "null", "{}", '{"type":"step"}'])
      expect(eventOfLine(other), other).toBeNull();
  });
});
