import { describe, expect, test } from "vitest";
import { shiftedSets, trainedSets } from "../../src/data/sets/index";
import { makeTable } from "../../src/experiments/table";
import type { ExperimentRecord, NamedSet } from "../../src/protocol/experimentRecord";
import type { Table } from "../../src/protocol/table";
import { named, record } from "./smallTable";

const setsOf = (sets: readonly { name: string; title: string }[], names?: string[]): NamedSet[] =>
  sets
    .filter(({ name }) => !names || names.includes(name))
    .map(({ name, title }) => named(name, title, name));
const tableOf = (more: Partial<ExperimentRecord>): Table => makeTable({ ...record, ...more }, []);

describe("differences are at first of", () => {
  const mainOf = (more: Partial<ExperimentRecord>): string => {
    const { columns, main } = tableOf(more);
    return columns[main]!;
  };
  const lora = { name: "LoRA", kind: "lora" } as const;
  const fewShot = (shots: number[], more: Partial<ExperimentRecord> = {}): string =>
    mainOf({
      protocol: "few-shot",
      methods: [...record.methods, lora],
      datasets: setsOf(trainedSets, ["dtd", "ucf101"]),
      shots,
      ...more,
    });

  test("the last shots that something is published of to compare with", () => {
    expect(fewShot([1, 2])).toBe("1 shot");
    expect(fewShot([1, 4, 8])).toBe("4 shots");
    expect(fewShot([1, 4, 16])).toBe("16 shots");
    // Averages over all eleven are published of every number of shots.
    expect(fewShot([1, 2], { datasets: setsOf(trainedSets) })).toBe("2 shots");
  });

  test("the last shots where nothing is published of any of its methods", () => {
    expect(fewShot([2, 8])).toBe("8 shots");
    expect(fewShot([1, 2], { datasets: [named("ant")] })).toBe("2 shots");
    expect(fewShot([1, 2], { methods: record.methods })).toBe("2 shots");
  });

  test("H, and the average of transfer, whatever is published", () => {
    expect(mainOf({ datasets: [named("ant")] })).toBe("H");
    expect(mainOf({ datasets: setsOf(trainedSets) })).toBe("H");
    expect(
      mainOf({
        protocol: "domain-generalization",
        datasets: setsOf(trainedSets, ["imagenet"]),
        targets: [...setsOf(shiftedSets), named("mine")],
      }),
    ).toBe("Average");
  });
});

describe("a note says that published averages are computed", () => {
  const saysSo = (more: Partial<ExperimentRecord>): boolean =>
    tableOf(more).notes.includes(
      "Published averages over these data sets are computed from what is published of each.",
    );

  test("where one is shown that is", () => {
    expect(saysSo({ datasets: setsOf(trainedSets, ["dtd", "ucf101"]) })).toBe(true);
    expect(
      saysSo({
        protocol: "few-shot",
        shots: [1, 2],
        datasets: setsOf(trainedSets, ["dtd", "ucf101"]),
      }),
    ).toBe(true);
    expect(
      saysSo({
        protocol: "cross-dataset",
        datasets: setsOf(trainedSets, ["imagenet"]),
        targets: setsOf(trainedSets, ["dtd", "ucf101"]),
      }),
    ).toBe(true);
  });

  test("and nowhere else", () => {
    // No average, none published, and one that is printed in its paper.
    expect(saysSo({ datasets: setsOf(trainedSets, ["dtd"]) })).toBe(false);
    const mixed = [...setsOf(trainedSets, ["dtd"]), named("mine")];
    expect(saysSo({ datasets: mixed })).toBe(false);
    expect(saysSo({ datasets: setsOf(trainedSets) })).toBe(false);
    expect(
      saysSo({
        protocol: "cross-dataset",
        datasets: setsOf(trainedSets, ["imagenet"]),
        targets: mixed,
      }),
    ).toBe(false);
  });
});
