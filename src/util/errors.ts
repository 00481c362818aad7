/**
 * A mistake that the user can mend: its message is one clear sentence that names the file, the field, what was
 * found, what was expected and how to mend it. It is shown without a stack trace and ends a command with exit code 1.
 */
export class UserError extends Error {
  override name = "UserError";
}

/** A broken promise of our own code. Its message starts with `internal:`; it keeps its stack trace (exit code 2). */
export class InternalError extends Error {
  override name = "InternalError";
  constructor(message: string) {
    super(`internal: ${message}`);
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
