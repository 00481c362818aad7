import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../util/errors";
import { runTrainer } from "./runTrainer";

const usage = "usage: node trainer.js RUNFOLDER [--device NAME]\n";

/** The training process. Exit codes: 0 done, 1 user's mistake, 2 failure, 130 stopped. */
function parse(): { folder: string; device: string | null } {
  try {
    const options = { device: { type: "string" } } as const;
    const { positionals, values } = parseArgs({ allowPositionals: true, options });
    const [folder, ...more] = positionals;
    if (folder !== undefined && more.length === 0) return { folder, device: values.device ?? null };
    process.stderr.write(usage);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}`);
  }
  process.exit(1);
}

const { folder, device } = parse();
// Native threads may outlive the loop; what has to be on the disk is there when the code is known.
void runTrainer(resolve(folder), device).then((code) => process.exit(code));
