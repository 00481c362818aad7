import { resolve } from "node:path";
import { runQueue } from "./runQueue";

/** The queue's process: `node queue.js QUEUEFOLDER`. It ends when nothing waits or runs. */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: node queue.js QUEUEFOLDER\n");
  process.exit(1);
}
void runQueue(resolve(folder)).then(() => process.exit(0));
