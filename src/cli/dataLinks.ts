import { resolve } from "node:path";
import type { Command } from "commander";
import {
  describeLayout,
  findDataSetFolder,
  locateDataSet,
  locateImageRoot,
  requireFolder,
} from "../data/locate";
import { dataSets, findDataSet } from "../data/sets/index";
import { changeSettings, readSettings, settingsFile } from "../data/userSettings";
import { UserError } from "../util/errors";
import { plural } from "../util/text";

/** Adds `link` and `root` to `glad data`: where data sets lie on this machine, for configurations without `data.root`. */
export function registerDataLinks(data: Command): void {
  data
    .command("link")
    .description("remember where a data set lies; without arguments, print what is remembered")
    .argument("[name]", "data set, e.g. caltech101")
    .argument("[path]", "its folder, or the one that holds it")
    .option("--remove", "forget it again")
    .action((name: string | undefined, path: string | undefined, options: { remove?: boolean }) =>
      link(name, path, options.remove ?? false),
    );
  data
    .command("root")
    .description("remember the folder that holds the data sets; without a path, print it")
    .argument("[path]", "folder with a folder for each data set")
    .option("--remove", "forget it again")
    .action((path: string | undefined, options: { remove?: boolean }) =>
      setRoot(path, options.remove ?? false),
    );
}

async function link(
  name: string | undefined,
  path: string | undefined,
  remove: boolean,
): Promise<void> {
  if (name === undefined) return printLinks();
  const set = findDataSet(name, "name");
  if (remove) {
    await changeSettings(({ data }) => {
      if (data.links[set.name] === undefined)
        throw new UserError(
          `name: ${set.title} is not linked, so there is nothing to forget; \`glad data link\` lists what is`,
        );
      delete data.links[set.name];
    });
    process.stdout.write(`${set.title} is no longer linked.\n`);
    return;
  }
  if (path === undefined) {
    const known = readSettings().data.links[set.name];
    process.stdout.write(known === undefined ? `${set.title} is not linked.\n` : `${known}\n`);
    return;
  }
  const folder = locateDataSet(set, path, "path");
  // A link is worth remembering only if there are images.
  locateImageRoot(set, folder);
  await changeSettings(({ data }) => {
    data.links[set.name] = folder;
  });
  process.stdout.write(`${set.title} is ${folder} (${describeLayout(set, folder)}).\n`);
}

async function setRoot(path: string | undefined, remove: boolean): Promise<void> {
  if (remove) {
    await changeSettings(({ data }) => {
      if (data.root === null)
        throw new UserError(
          "root: no folder is set, so there is nothing to forget; `glad data root PATH` sets one",
        );
      data.root = null;
    });
    process.stdout.write("The folder of the data sets is forgotten.\n");
    return;
  }
  if (path === undefined) {
    const { root } = readSettings().data;
    process.stdout.write(root === null ? "No folder is set.\n" : `${root}\n`);
    return;
  }
  requireFolder(path, "path");
  const root = resolve(path);
  await changeSettings(({ data }) => {
    data.root = root;
  });
  const found = dataSets.filter((set) => findDataSetFolder(set, root) !== null);
  const names = found.map(({ name }) => name).join(", ");
  const holds =
    found.length === 0 ? "no data set yet" : `${plural(found.length, "data set")}: ${names}`;
  process.stdout.write(`The folder of the data sets is ${root}; it holds ${holds}.\n`);
}

function printLinks(): void {
  const { root, links } = readSettings().data;
  const lines = Object.entries(links).map(([name, folder]) => `${name.padEnd(17)}${folder}`);
  if (root !== null) lines.push(`${"(all others in)".padEnd(17)}${root}`);
  if (lines.length === 0) lines.push("No data set is linked.");
  process.stdout.write(`${[...lines, `remembered in ${settingsFile()}`].join("\n")}\n`);
}
