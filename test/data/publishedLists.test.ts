import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleFewShot } from "../../src/data/fewShot";
import { openData } from "../../src/data/openData";
import { describeListedShots } from "../../src/data/listedShots";
import { readOnce } from "../../src/data/readData";
import type { Sample } from "../../src/data/types";
import { configSchema } from "../../src/protocol/config";
import { sharedData } from "../support/sharedData";
import { temporaryFolder } from "../support/temporaryFolder";

interface PublishedList {
  seed: number;
  shots: number;
  /** SHA-256 of the published files. */
  train: string;
  val: string;
}

const { lists } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/publishedLists.json"), "utf8"),
) as { lists: PublishedList[] };
const root = sharedData("caltech-101", "the few-shot lists that 2SFS publishes for Caltech-101");

describe.runIf(root)("the few-shot lists that 2SFS publishes for Caltech-101", () => {
  const read = readOnce();
  const split = () => read({ root: root!, dataset: "caltech101" }).value;

  /** The text of such a file, whose lines are as Python's json.dumps writes them. */
  const fileOf = (samples: Sample[]): string =>
    samples
      .map(({ path, label }) => {
        const image = `caltech-101/101_ObjectCategories/${path}`;
        return `{"_impath": "${image}", "_domain": 0, "_classname": "${split().sourceNames[label]!}", "_label": ${label}}\n`;
      })
      .join("");
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

  it.each(lists)("are CoOp's draw to the byte: seed $seed, $shots shots", (published) => {
    const { train, val } = sampleFewShot(split(), { ...published, order: "coop" });
    expect(hash(fileOf(train))).toBe(published.train);
    expect(hash(fileOf(val))).toBe(published.val);
    // It has as many images of each class as it says, or an experiment would refuse it.
    const list = join(temporaryFolder(), "list.jsonl");
    writeFileSync(list, fileOf(train));
    const { shots } = published;
    const { data } = configSchema.parse({
      data: { root: root!, dataset: "caltech101", shots, list },
    });
    expect(describeListedShots(data, "all", read)).toBeNull();
  });

  it("are read as what a run trains on and validates on, whatever it would draw itself", () => {
    const { train, val } = sampleFewShot(split(), { seed: 2, shots: 4, order: "coop" });
    const folder = temporaryFolder();
    const list = join(folder, "shot_4-seed_2_train.jsonl");
    writeFileSync(list, fileOf(train));
    writeFileSync(join(folder, "shot_4-seed_2_val.jsonl"), fileOf(val));
    const data = { root: root!, dataset: "caltech101", shots: 4, order: "clip-lora", list };
    const opened = openData(configSchema.parse({ data }).data, "all", 1);
    expect(opened.train).toEqual(train);
    expect(opened.val).toEqual(val);
    // No word on classes or shots that the list lacks.
    expect(opened.notes).toEqual([expect.stringContaining("(CoOp's layout)")]);
  });
});
