import { basename } from "node:path";
import {
  type DataFinding,
  type DataPart,
  dataParts,
  type DataSetReport,
} from "../../protocol/dataReport";
import type { DataPlace, DataStore } from "./dataStore";

/** An item of the view "Data Sets". */
export type DataNode =
  | { kind: "place"; place: DataPlace }
  | SetNode
  | { kind: "group"; of: "problems" | "splits" | "classes"; set: SetNode }
  | { kind: "finding"; finding: DataFinding; index: number; set: SetNode }
  | { kind: "split"; part: DataPart; count: number; set: SetNode }
  | ClassNode;

/** A data set. */
export interface SetNode {
  kind: "set";
  place: DataPlace;
  report: DataSetReport;
  /** What there is to mend and to know, worst first. */
  findings: readonly DataFinding[];
}

/** A class of a data set. */
export interface ClassNode {
  kind: "class";
  label: number;
  set: SetNode;
}

type Checks = Pick<DataStore, "checkOf">;

/** The items on top: a data set each, or a folder that holds several. */
export function topNodes(places: readonly DataPlace[], checks: Checks): DataNode[] {
  return places.map((place) => {
    const [only] = place.sets;
    return only && place.sets.length === 1
      ? setNode(place, only, checks)
      : { kind: "place", place };
  });
}

/** What is below an item. */
export function childNodes(node: DataNode, checks: Checks): DataNode[] {
  switch (node.kind) {
    case "place":
      return node.place.sets.map((report) => setNode(node.place, report, checks));
    case "set":
      return groups(node);
    case "group":
      return groupChildren(node.of, node.set);
    case "finding":
    case "split":
    case "class":
      return [];
  }
}

function setNode(place: DataPlace, report: DataSetReport, checks: Checks): SetNode {
  return { kind: "set", place, report, findings: problemsOf(report, checks) };
}

/** What the list found, and what the last check found by opening the images. */
function problemsOf(report: DataSetReport, checks: Checks): DataFinding[] {
  const checked = checks.checkOf(report)?.report.findings.filter(({ opened }) => opened) ?? [];
  const rank = { failed: 0, note: 1, ok: 2 };
  return [...report.findings, ...checked]
    .filter(({ state }) => state !== "ok")
    .sort((a, b) => rank[a.state] - rank[b.state]);
}

function groups(set: SetNode): DataNode[] {
  const { counts, classes } = set.report;
  const group = (of: "problems" | "splits" | "classes"): DataNode => ({ kind: "group", of, set });
  return [
    ...(set.findings.length > 0 ? [group("problems")] : []),
    ...(counts ? [group("splits")] : []),
    ...(classes.length > 0 ? [group("classes")] : []),
  ];
}

function groupChildren(of: "problems" | "splits" | "classes", set: SetNode): DataNode[] {
  switch (of) {
    case "problems":
      return set.findings.map((finding, index) => ({ kind: "finding", finding, index, set }));
    case "splits":
      return dataParts.map((part) => ({
        kind: "split",
        part,
        count: set.report.counts?.[part] ?? 0,
        set,
      }));
    case "classes":
      return set.report.classes.map((_, label) => ({ kind: "class", label, set }));
  }
}

/** An id that stays the same when the list is made anew, so that what is open stays open. */
export function nodeId(node: DataNode): string {
  switch (node.kind) {
    case "place":
      return `place ${node.place.origin} ${node.place.root}`;
    case "set":
      return `set ${node.place.origin} ${node.report.dataset} ${node.report.folder}`;
    case "group":
      return `${nodeId(node.set)} ${node.of}`;
    case "finding":
      return `${nodeId(node.set)} finding ${node.index}`;
    case "split":
      return `${nodeId(node.set)} split ${node.part}`;
    case "class":
      return `${nodeId(node.set)} class ${node.label}`;
  }
}

/** `;set;added;failed;`: what menus ask for. */
export function nodeContext(node: DataNode): string {
  switch (node.kind) {
    case "place":
      return `;place;${node.place.origin};`;
    case "set": {
      const { place, report } = node;
      const words = ["set", place.sets.length === 1 ? place.origin : "held"];
      words.push(report.dataset === "folder" ? "folder" : "published");
      words.push(report.counts === null ? "unread" : "read");
      return `;${words.join(";")};`;
    }
    case "group":
      return `;${node.of};`;
    case "finding":
    case "split":
    case "class":
      return `;${node.kind};`;
  }
}

/** The data set that an item belongs to; null for a folder that holds several. */
export function setOf(node: DataNode): SetNode | null {
  if (node.kind === "set") return node;
  return node.kind === "place" ? null : node.set;
}

/** The name of a data set in the view: that of its folder where it has no other. */
export function setName({ dataset, title, folder }: DataSetReport): string {
  return dataset === "folder" ? basename(folder) || folder : title;
}

/** All images of a class, or of a data set. */
export function imagesIn(counts: Record<DataPart, number>): number {
  return dataParts.reduce((sum, part) => sum + counts[part], 0);
}
