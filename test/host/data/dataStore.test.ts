import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  type DataPlaces,
  type DataStore,
  type LookForData,
  openDataStore,
} from "../../../src/host/data/dataStore";
import { lookAround } from "../../../src/host/data/lookAround";
import { emptyImages, temporaryFolder, writeFiles } from "../../support/temporaryFolder";
import { until } from "../../support/until";

let store: DataStore | null = null;
afterEach(() => store?.dispose());

function open(places: Partial<DataPlaces>, look: LookForData = lookAround): DataStore {
  store = openDataStore({
    where: () => ({ added: [], configured: [], workspaces: [], ...places }),
    look,
    memory: join(temporaryFolder(), "checks"),
    interval: 60,
    onError: (error) => {
      throw error;
    },
  });
  return store;
}

const animals = (below: string): Record<string, string> => ({
  ...emptyImages(join(below, "ant"), 3),
  ...emptyImages(join(below, "bee"), 2),
});
const classes = ({ places }: DataStore): string[] =>
  places.flatMap(({ sets }) => sets).flatMap((set) => set.classes.map(({ name }) => name));

describe("a look without starting anything", () => {
  test("lists folders of images with their classes, of the workspace and of what was added", async () => {
    const [workspace, added] = [temporaryFolder(animals("photos")), temporaryFolder(animals(""))];
    const data = open({ workspaces: [workspace], added: [added] });
    await data.refresh();
    expect(data.places.map(({ origin, root }) => [origin, root])).toEqual([
      ["added", added],
      ["workspace", join(workspace, "photos")],
    ]);
    expect(data.places[0]!.sets[0]!.classes).toEqual([
      { name: "ant", train: 3, val: 0, test: 0 },
      { name: "bee", train: 2, val: 0, test: 0 },
    ]);
  });

  test("looks at nothing outside of the workspace because a file of the workspace names it", async () => {
    const workspace = temporaryFolder(animals("photos"));
    const elsewhere = temporaryFolder(animals(""));
    const configured = [join(workspace, "photos"), elsewhere].map((root) => ({
      root,
      dataset: "folder",
    }));
    const data = open({ workspaces: [workspace], configured });
    await data.refresh();
    expect(data.places.map(({ origin, root }) => [origin, root])).toEqual([
      ["configuration", join(workspace, "photos")],
    ]);
  });
});

describe("a store of data sets", () => {
  test("notices what comes into its folders while somebody looks, and else nothing", async () => {
    const workspace = temporaryFolder(animals("photos"));
    const data = open({ workspaces: [workspace] }, async (places, tell) => [
      ...(await lookAround(places, tell)),
      join(workspace, "photos"),
    ]);
    await data.refresh();
    let looks = 0;
    data.onChange(() => looks++);
    writeFiles(workspace, { "photos/cat/1.jpg": "" });
    await new Promise((settle) => setTimeout(settle, 300));
    expect(looks).toBe(0);
    data.watch(true);
    await until(() => classes(data).length === 3, "the class");
    expect(classes(data)).toEqual(["ant", "bee", "cat"]);
    data.watch(false);
  });

  test("notices what came while it looked", async () => {
    const workspace = temporaryFolder(animals("photos"));
    const folder = join(workspace, "photos");
    let looks = 0;
    const data = open({ workspaces: [workspace] }, async (places, tell) => {
      await lookAround(places, tell);
      if (looks++ === 0) writeFiles(workspace, { "photos/cat/1.jpg": "" });
      return [folder];
    });
    await data.refresh();
    expect(classes(data)).toEqual(["ant", "bee"]);
    data.watch(true);
    await until(() => classes(data).length === 3, "the class");
    await new Promise((settle) => setTimeout(settle, 400));
    // It comes to rest.
    expect(looks).toBeLessThanOrEqual(3);
    data.watch(false);
  });

  test("looks once more when it is asked during a look", async () => {
    let looks = 0;
    const data = open({}, async () => {
      looks++;
      await new Promise((settle) => setTimeout(settle, 20));
      return [];
    });
    await Promise.all([data.refresh(), data.refresh(), data.refresh()]);
    expect(looks).toBe(2);
  });

  test("remembers what checks found, also in the next window, and survives a damaged memory", async () => {
    const root = temporaryFolder(animals(""));
    const memory = join(temporaryFolder(), "checks");
    const options = {
      where: () => ({ added: [root], configured: [], workspaces: [] }),
      look: lookAround,
      memory,
      onError: () => undefined,
    };
    const first = openDataStore(options);
    await first.refresh();
    const report = first.places[0]!.sets[0]!;
    expect(first.checkOf(report)).toBeNull();
    await first.remember({ ...report, findings: [{ state: "note", text: "twice" }] });
    first.dispose();
    const second = openDataStore(options);
    await second.refresh();
    expect(second.checkOf(report)!.report.findings).toEqual([{ state: "note", text: "twice" }]);
    second.dispose();
    writeFileSync(join(memory, readdirSync(memory)[0]!), "{");
    mkdirSync(join(memory, "x"));
    const third = openDataStore(options);
    await third.refresh();
    expect(third.checkOf(report)).toBeNull();
    third.dispose();
  });
});
