import { resolve } from "node:path";
import { runTrainer } from "./runTrainer";

/** The training process: `node trainer.js RUNFOLDER`. Exit codes: 0 done, 1 user's mistake, 2 failure, 130 stopped. */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: node trainer.js RUNFOLDER\n");
  process.exit(1);
}
// Native threads may outlive the loop; what has to be on the disk is there when the code is known.
void runTrainer(resolve(folder)).then((code) => process.exit(code));
