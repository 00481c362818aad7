import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { configOfText, defaultConfigFile } from "../protocol/loadConfig";
import type { ConfigFinding } from "../protocol/configFinding";
import { messageOf, UserError } from "../util/errors";
import { readTextFile } from "../util/jsonFile";
import { wrap } from "../util/columns";

interface ConfigCheck {
  stdin?: boolean;
  json?: boolean;
}

/** Adds `glad config check [file] [--stdin] [--json]`. */
export function registerConfig(program: Command): void {
  program
    .command("config")
    .description("look after configurations")
    .command("check")
    .description("say what would stop a run of a configuration; nothing is downloaded or started")
    .argument("[file]", "configuration of a run", defaultConfigFile)
    .option("--stdin", "read the text from standard input, as if it stood in the file")
    .option("--json", "print the findings as JSON")
    .action(async (file: string, { stdin, json }: ConfigCheck) => {
      const text = stdin
        ? await readAll(process.stdin)
        : readTextFile(file, "the configuration", "check the path, or write one");
      const findings = await findingsOf(text, file);
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : report(findings));
      if (findings.some(({ state }) => state === "failed")) process.exitCode = 1;
    });
}

/** What is wrong with the text itself, or else with what it names. */
async function findingsOf(text: string, file: string): Promise<ConfigFinding[]> {
  let config;
  try {
    config = configOfText(text, file);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const sentences = messageOf(error).split("\n");
    return sentences.map((message) => ({ setting: "", state: "failed", message, fixes: [] }));
  }
  const { checkConfig } = await import("../train/checkConfig");
  return checkConfig(config);
}

/** The findings as lines of at most 80 characters. */
function report(findings: readonly ConfigFinding[]): string {
  if (findings.length === 0) return "A run of this configuration can be started.\n";
  const lines = findings.flatMap(({ state, message }) =>
    wrap(state === "failed" ? "FAIL  " : "--    ", message),
  );
  return `${lines.join("\n")}\n`;
}
