import { describe, expect, test } from "vitest";
import type { DataFinding, DataSetReport } from "../../../src/protocol/dataReport";
import {
  childNodes,
  type DataNode,
  nodeContext,
  nodeId,
  setName,
  topNodes,
} from "../../../src/host/data/dataNodes";
import type { DataPlace } from "../../../src/host/data/dataStore";

const nothing = { checkOf: () => null };

function report(title: string, findings: DataFinding[] = []): DataSetReport {
  return {
    dataset: title === "DTD" ? "dtd" : "folder",
    title,
    folder: `/data/${title}`,
    imageRoot: `/data/${title}`,
    layout: null,
    counts: { classes: 2, train: 5, val: 1, test: 4 },
    published: null,
    classes: [
      { name: "ant", train: 3, val: 1, test: 2 },
      { name: "bee", train: 2, val: 0, test: 2 },
    ],
    findings,
    downloads: [],
  };
}

const place = (...sets: DataSetReport[]): DataPlace => ({ origin: "added", root: "/data", sets });
const walk = (
  nodes: readonly DataNode[],
  checks = nothing as Parameters<typeof topNodes>[1],
): DataNode[] => nodes.flatMap((node) => [node, ...walk(childNodes(node, checks), checks)]);

describe("the items of the view", () => {
  test("are a data set each, with its splits and classes", () => {
    const nodes = walk(topNodes([place(report("DTD"))], nothing));
    expect(nodes.map(nodeContext)).toEqual([
      ";set;added;published;read;",
      ";splits;",
      ";split;",
      ";split;",
      ";split;",
      ";classes;",
      ";class;",
      ";class;",
    ]);
    expect(new Set(nodes.map(nodeId)).size).toBe(nodes.length);
    expect(nodes.flatMap((node) => (node.kind === "split" ? [node.count] : []))).toEqual([5, 1, 4]);
  });

  test("are one for a folder that holds several data sets", () => {
    const nodes = walk(topNodes([place(report("DTD"), report("photos"))], nothing));
    expect(nodes.map(nodeContext).filter((text) => /place|set/.test(text))).toEqual([
      ";place;added;",
      ";set;held;published;read;",
      ";set;held;folder;read;",
    ]);
  });

  test("stay the same items when the list is made anew", () => {
    const ids = () => walk(topNodes([place(report("photos"))], nothing)).map(nodeId);
    expect(ids()).toEqual(ids());
  });

  test("show what is wrong, the worst first, with what the last check found in the images", () => {
    const list: DataFinding[] = [
      { state: "ok", text: "fine" },
      { state: "note", text: "held out" },
    ];
    const found: DataFinding[] = [
      { state: "note", text: "held out" },
      { state: "failed", text: "1 image cannot be decoded", opened: true },
      { state: "ok", text: "No image is there twice.", opened: true },
    ];
    const checks = { checkOf: () => ({ time: 1, report: report("photos", found) }) };
    const nodes = walk(topNodes([place(report("photos", list))], checks), checks);
    expect(nodes.flatMap((node) => (node.kind === "finding" ? [node.finding.text] : []))).toEqual([
      "1 image cannot be decoded",
      "held out",
    ]);
  });

  test("of a data set whose lists cannot be read are its problems alone", () => {
    const failed: DataFinding = { state: "failed", text: "no class left" };
    const broken = { ...report("photos", [failed]), counts: null, classes: [] };
    expect(walk(topNodes([place(broken)], nothing)).map(nodeContext)).toEqual([
      ";set;added;folder;unread;",
      ";problems;",
      ";finding;",
    ]);
  });
});

test("a folder of images is called as its folder, a published data set by its name", () => {
  expect(setName(report("photos"))).toBe("photos");
  expect(setName(report("DTD"))).toBe("DTD");
});
