import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  commandIds,
  contextKeys,
  dataPanelType,
  dataView,
  resultsPanelType,
  runsView,
  settingDefaults,
  tablePanelType,
  viewContainer,
  walkthrough,
} from "../../src/host/ids";
import { repository } from "../support/tinyRun";

interface Manifest {
  main: string;
  engines: { vscode: string };
  activationEvents: string[];
  devDependencies: Record<string, string>;
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: Record<"command" | "title" | "category" | "icon" | "enablement", string>[];
    menus: Record<string, { command: string; when: string }[]>;
    keybindings: { command: string; when: string }[];
    viewsContainers: { activitybar: { id: string; icon: string }[] };
    views: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { view: string; contents: string; when: string }[];
    configuration: {
      properties: Record<string, { default: unknown; scope: string; markdownDescription: string }>;
    };
    jsonValidation: { url: string }[];
    walkthroughs: {
      id: string;
      steps: { media: { markdown: string }; completionEvents: string[] }[];
    }[];
  };
}

const text = readFileSync(join(repository, "package.json"), "utf8");
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const words = JSON.parse(readFileSync(join(repository, "package.nls.json"), "utf8")) as Record<
  string,
  string
>;
const clauses = [
  ...contributes.commands.map(({ enablement }) => enablement),
  ...Object.values(contributes.menus).flatMap((items) => items.map(({ when }) => when)),
  ...contributes.keybindings.map(({ when }) => when),
  ...contributes.viewsWelcome.map(({ when }) => when),
];

describe("commands", () => {
  test("are those of the code, and each has title, category, icon and enablement", () => {
    expect(contributes.commands.map(({ command }) => command)).toEqual([...commandIds]);
    for (const command of contributes.commands) {
      expect(command.category).toBe("GLAD");
      expect(command.icon).toMatch(/^\$\([\w-]+\)$/);
      expect(command.enablement, command.command).not.toBe("");
      expect(command.title).toMatch(/^%.+%$/);
    }
  });

  test("that start or change something need a trusted workspace", () => {
    const looks = [
      "openResults",
      "openLastResults",
      "compareRuns",
      "openLog",
      "revealRun",
      "starRun",
      "unstarRun",
      "filterRuns",
      "sortRuns",
      "exportCheckpoint",
      "removeDataFolder",
      "refreshData",
      "revealData",
      "openTable",
      "showExperiment",
      "openExperiment",
    ].map((name) => `glad.${name}`);
    for (const { command, enablement } of contributes.commands)
      expect(enablement.includes("isWorkspaceTrusted"), command).toBe(!looks.includes(command));
  });

  test("are all in the palette's list, shown where they work", () => {
    const palette = contributes.menus["commandPalette"]!;
    expect(palette.map(({ command }) => command)).toEqual([...commandIds]);
    for (const { command, when } of palette) {
      const { enablement } = contributes.commands.find((each) => each.command === command)!;
      expect([enablement, "false"], command).toContain(when);
    }
  });

  test("that need something to work with are hidden until there is some", () => {
    const needNothing = [
      "train",
      "newConfiguration",
      "addDataFolder",
      "linkDataSet",
      "checkData",
      "pullModel",
      "doctor",
      "copyDiagnostics",
      "tryDemo",
      "newExperiment",
    ].map((name) => `glad.${name}`);
    const needs = contributes.commands.filter(({ enablement }) => /glad\.has/.test(enablement));
    expect(needs.map(({ command }) => command)).toEqual(
      commandIds.filter((id) => !needNothing.includes(id)),
    );
    const enablementOf = (id: string): string =>
      contributes.commands.find(({ command }) => command === id)!.enablement;
    expect(enablementOf("glad.removeDataFolder")).toBe(contextKeys.hasAddedFolder);
    for (const id of ["glad.stopExperiment", "glad.continueExperiment"])
      expect(enablementOf(id)).toBe(`isWorkspaceTrusted && ${contextKeys.hasBegunExperiment}`);
    // The file in the editor is one also where the workspace has none: outside of it, or in a folder that is not looked into.
    expect(enablementOf("glad.runExperiment")).toBe(
      `isWorkspaceTrusted && (${contextKeys.hasExperiment} || resourceFilename =~ /.+\\.experiment\\.json$/)`,
    );
  });

  test("that take a run are offered on the rows of runs and checkpoints alone", () => {
    const rows = contributes.menus["view/item/context"]!;
    for (const command of ["pause", "continue", "stop", "resume", "checkpoint", "evaluate"]) {
      const own = rows.filter((row) => row.command === `glad.${command}`);
      expect(own.length, command).toBeGreaterThan(0);
      for (const { when } of own) expect(when).toMatch(/viewItem =~ \/;(run|checkpoint);\//);
    }
  });

  test("that ask for what is a folder in the explorer are offered there", () => {
    for (const [menu, items] of Object.entries(contributes.menus)) {
      const inFolders = items.filter(({ when }) => when.includes("explorerResourceIsFolder"));
      const commands = inFolders.map(({ command }) => command);
      expect(commands, menu).toEqual(
        menu === "explorer/context"
          ? ["glad.checkData", "glad.addDataFolder", "glad.classifyImages"]
          : [],
      );
    }
  });

  test("of menus, keys, views and walkthrough exist", () => {
    const named = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map(
      ({ command }) => command,
    );
    const linked = Object.values(words).flatMap((word) =>
      [...word.matchAll(/\(command:(glad\.\w+)(?:\?[^)]*)?\)/g)].map((match) => match[1]!),
    );
    const steps = contributes.walkthroughs.flatMap((each) => each.steps);
    const completed = steps
      .flatMap(({ completionEvents }) => completionEvents)
      .flatMap((event) => /^onCommand:(.+)$/.exec(event)?.[1] ?? []);
    for (const command of [...named, ...linked, ...completed])
      expect(commandIds, command).toContain(command);
  });
});

test("clauses ask for context keys that the code sets, and for all of them", () => {
  const known = new Set<string>(Object.values(contextKeys));
  const steps = contributes.walkthroughs.flatMap((each) => each.steps);
  const events = steps.flatMap(({ completionEvents }) => completionEvents).join(" ");
  const asked = [
    clauses.join(" ").replaceAll(/(?:view|focusedView|activeWebviewPanelId) == \S+/g, ""),
    events,
  ]
    .join(" ")
    .matchAll(/glad\.(?:has|results)\w+/g);
  const used = new Set([...asked].map(([key]) => key));
  expect([...used].filter((key) => !known.has(key))).toEqual([]);
  expect([...known].filter((key) => !used.has(key))).toEqual([]);
});

test("no view says that there is nothing before it was looked for", () => {
  const of = (contents: string): string => {
    const found = contributes.viewsWelcome.find((each) => each.contents === `%${contents}%`);
    return found?.when ?? "";
  };
  for (const welcome of ["welcome.noConfiguration", "welcome.noRun"])
    expect(of(welcome)).toMatch(/^glad\.hasLooked && /);
  expect(of("welcome.data.none")).toMatch(/^glad\.hasLookedForData && /);
});

test("settings are those of the code, with the same defaults, and of the machine", () => {
  const { properties } = contributes.configuration;
  const defaults = Object.entries(properties).map(([key, value]) => [key, value.default]);
  expect(Object.fromEntries(defaults)).toEqual(settingDefaults);
  for (const [key, { scope }] of Object.entries(properties))
    expect(scope, key).toBe("machine-overridable");
});

test("an untrusted workspace can name nothing that is run", () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  expect(supported).toBe("limited");
  expect(restrictedConfigurations.sort()).toEqual(Object.keys(settingDefaults).sort());
});

test("views, container, panel and walkthrough have the code's ids", () => {
  expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([viewContainer]);
  expect(contributes.views[viewContainer]!.map(({ id }) => id)).toEqual([dataView, runsView]);
  for (const { view } of contributes.viewsWelcome) expect([dataView, runsView]).toContain(view);
  for (const type of [resultsPanelType, dataPanelType, tablePanelType])
    expect(manifest.activationEvents).toContain(`onWebviewPanel:${type}`);
  expect(contributes.walkthroughs.map(({ id }) => id)).toEqual([walkthrough]);
  expect(contributes.walkthroughs[0]!.steps).toHaveLength(5);
});

test("every text is in package.nls.json, and every text there is used", () => {
  const used = new Set([...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!));
  expect([...used].sort()).toEqual(Object.keys(words).sort());
});

test("files that are named exist", () => {
  const files = [
    ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
    ...contributes.views[viewContainer]!.map(({ icon }) => icon),
    ...contributes.jsonValidation.map(({ url }) => url),
    ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
    manifest.main,
  ];
  expect(files.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
});

test("the types are those of the oldest editor that is supported", () => {
  expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies["@types/vscode"]}`);
});
