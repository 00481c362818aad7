// The same where nothing tells of changes, as on network disks: the poll brings a line to the page within 1.5 seconds.
import { join } from "node:path";
import { measureLag } from "../lag.mjs";
import { repository } from "../suites.mjs";

export const options = {
  environment: { NODE_OPTIONS: `--require ${join(repository, "test/vscode/noWatchers.cjs")}` },
};

export const flow = (session) => measureLag(session, 1500);
