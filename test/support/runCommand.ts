import { Command } from "commander";
import { vi } from "vitest";

/** What a command printed, and the exit code that it asked for. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Runs one command in this process. A mistake in the arguments is thrown instead of ending the process. */
export async function runCommand(
  register: (program: Command) => void,
  args: readonly string[],
): Promise<CommandResult> {
  const program = new Command();
  register(program);
  throwInstead(program);
  const result: CommandResult = { stdout: "", stderr: "", exitCode: 0 };
  const catchInto = (name: "stdout" | "stderr") =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      result[name] += text.toString();
      return true;
    });
  const spies = [catchInto("stdout"), catchInto("stderr")];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await program.parseAsync(args, { from: "user" });
    result.exitCode = Number(process.exitCode);
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
  return result;
}

/** Commander's settings are not inherited by commands that were added before. */
function throwInstead(command: Command): void {
  command.exitOverride();
  for (const below of command.commands) throwInstead(below);
}
