import { expect, test } from "vitest";
import type { PageMessage } from "../../src/protocol/page";
import { parsePageMessage, parsePageState } from "../../src/protocol/pageIntents";

const state = {
  version: 1,
  runs: ["a"],
  colours: { a: 2 },
  active: "a",
  view: { axis: "time", range: [1, 2], smoothing: 0.5 },
  logarithmic: true,
  toggled: ["loss"],
  yRanges: { loss: [0, 1] },
  tables: [],
  tab: "curves",
  split: null,
};

test.each<PageMessage>([
  { type: "ready", state: null, width: 400 },
  {
    type: "window",
    request: 1,
    run: "a",
    view: { axis: "step", range: null, width: 9, smoothing: 0 },
  },
  { type: "rows", request: 2, runs: ["a"], axis: "time", range: [0, 1], limit: 50 },
  { type: "details", request: 3, run: "a", split: "all", label: null, offset: 0, limit: 24 },
  { type: "control", run: "a", action: "checkpoint" },
  { type: "open", run: "a", what: "log" },
  { type: "openImage", run: "a", path: "cat/1.jpg" },
  { type: "exportCsv", runs: ["a"], what: "curves" },
  { type: "exportPng", name: "loss", png: new Uint8Array([137, 80]) },
  { type: "selectRuns", runs: [] },
  { type: "pickRuns" },
])("takes $type", (message) => {
  expect(parsePageMessage(message)).toEqual(message);
});

test.each([
  null,
  "ready",
  { type: "delete", run: "a" },
  { type: "control", run: "a", action: "rm -rf" },
  { type: "control", run: "", action: "stop" },
  { type: "window", request: -1, run: "a", view: {} },
  { type: "rows", request: 1, runs: ["a"], axis: "step", range: null, limit: 1e9 },
  { type: "exportPng", name: "loss", png: "text" },
  { type: "ready", state: null, width: Infinity },
])("refuses %j", (message) => {
  expect(parsePageMessage(message)).toBeNull();
});

test("takes back the state that a page kept, and starts anew from one that it cannot read", () => {
  expect(parsePageState(state)).toEqual(state);
  expect(parsePageState({ ...state, version: 2 })).toBeNull();
  expect(parsePageMessage({ type: "ready", state: { version: 0 }, width: 10 })).toEqual({
    type: "ready",
    state: null,
    width: 10,
  });
});
