import { CommanderError } from "commander";
import { messageOf, UserError } from "../util/errors";
import { explainRefusal } from "../util/systemRefusal";
import { visible } from "../util/text";
import { RanElsewhere } from "./cudaProcess";
import { createProgram } from "./program";

/** The command line: `glad`. Exit codes: 0 done, 1 user's mistake, 2 failure, 130 stopped. */
async function main(): Promise<number> {
  try {
    await createProgram().parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError || thrown instanceof RanElsewhere) return thrown.exitCode;
    const error = explainRefusal(thrown);
    const debug = process.env.GLAD_DEBUG === "1" && error instanceof Error;
    // Names of files and what they hold may have any characters.
    const lines = String(debug ? error.stack : messageOf(error)).split("\n");
    process.stderr.write(`${lines.map(visible).join("\n")}\n`);
    if (error instanceof UserError) return 1;
    if (!debug)
      process.stderr.write(
        "This is a failure of the program; GLAD_DEBUG=1 shows where it happened.\n",
      );
    return 2;
  }
}

// Who reads our output may stop reading (`glad runs | head -1`); that is no mistake of anybody.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

void main().then((code) => {
  // Native threads may outlive the command; what was printed is out before the process ends.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
});
