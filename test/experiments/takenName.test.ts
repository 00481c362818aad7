import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { registerExperiment } from "../../src/cli/experimentCommand";
import { loadExperiment } from "../../src/experiments/loadExperiment";
import { recordOf, writeRecord } from "../../src/experiments/record";
import { expandExperiment } from "../../src/experiments/expand";
import { refuseTakenName, takenName } from "../../src/experiments/takenName";
import { writeMiniature } from "../support/miniatures";
import { runCommand } from "../support/runCommand";
import { temporaryFolder } from "../support/temporaryFolder";

const content = { protocol: "few-shot", datasets: ["dtd"], root: "data", shots: [1], seeds: [1] };

/** Writes an experiment file; gives its path. */
function write(folder: string, title: string, change: object = {}): string {
  const file = join(folder, `${title}.experiment.json`);
  writeFileSync(file, JSON.stringify({ name: "halves", ...content, ...change }));
  return file;
}

/** A folder with an experiment that has its record, as `run` writes it. */
async function begun() {
  const folder = temporaryFolder();
  const file = write(folder, "halves");
  const record = await writeRecord(recordOf(expandExperiment(loadExperiment(file))));
  return { folder, file, record };
}

const taken = (file: string) => takenName(loadExperiment(file));

test("a name is another file's while that is there, and has it, and keeps its runs in the same folder", async () => {
  const { folder, file } = await begun();
  expect(taken(file)).toBeNull();
  const copy = write(folder, "d1", { protocol: "base-to-novel" });
  const message = `name is "halves", which ${file} has, so that their records would replace each other; give it another name, e.g. "d1"`;
  expect(taken(copy)).toEqual({ message, free: "d1" });
  expect(() => refuseTakenName(loadExperiment(copy))).toThrow(`d1.experiment.json: ${message}`);
  expect(taken(write(folder, "d2", { name: "d2" }))).toBeNull();
  expect(taken(write(folder, "d3", { config: { output: "elsewhere" } }))).toBeNull();
  // Also where that file is not right at present.
  writeFileSync(file, '{ "name": "halves", "protocol": ');
  expect(taken(copy)).not.toBeNull();
  write(folder, "halves", { name: "other" });
  expect(taken(copy)).toBeNull();
  write(folder, "halves", { config: { output: "elsewhere" } });
  expect(taken(copy)).toBeNull();
});

test("a file that was renamed or moved goes on with its runs, and so does one under another path", async () => {
  const { folder, file } = await begun();
  const link = join(folder, "link.experiment.json");
  linkSync(file, link);
  expect(taken(link)).toBeNull();
  rmSync(link);
  const moved = join(folder, "moved.experiment.json");
  renameSync(file, moved);
  expect(taken(moved)).toBeNull();
});

test("the name that is proposed is the file's, free and allowed", async () => {
  const { folder, file } = await begun();
  const free = (title: string, change: object = {}) => taken(write(folder, title, change))?.free;
  expect(free(" my (2) runs")).toBe("my--2--runs");
  expect(free("äö")).toBe("experiment");
  const other = temporaryFolder();
  const output = join(folder, ".glad");
  writeFileSync(file, JSON.stringify({ name: "halves", ...content, config: { output } }));
  expect(taken(write(other, "halves", { config: { output } }))?.free).toBe("halves-2");
});

test("neither check nor run goes on under another's name; status and table are the file's own", async () => {
  const { folder, file, record } = await begun();
  writeMiniature(join(folder, "data"), "dtd");
  const before = readFileSync(record, "utf8");
  const copy = write(folder, "d1", { protocol: "base-to-novel" });
  const glad = (...args: string[]) => runCommand(registerExperiment, ["experiment", ...args]);
  const { stdout, exitCode } = await glad("check", copy);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`${copy}, line 1: name is "halves", which ${file} has`);
  const [finding] = JSON.parse((await glad("check", copy, "--json")).stdout) as unknown[];
  expect(finding).toMatchObject({
    ...{ setting: "name", state: "failed" },
    fixes: [{ kind: "set", values: { name: "d1" } }],
  });
  await expect(glad("run", copy, "--detach")).rejects.toThrow(/^d1\.experiment\.json: name is/);
  expect(readFileSync(record, "utf8")).toBe(before);
  const status = JSON.parse((await glad("status", copy, "--json")).stdout) as object;
  expect(status).toMatchObject({ experiment: { file: copy, protocol: "base-to-novel" } });
  expect((await glad("table", copy)).stdout).toMatch(/Base +Novel/);
});
