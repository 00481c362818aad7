import { messageOf } from "./errors";

/** Why a request had no answer. Node hides the reason of a failed request in the error's cause. */
export function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}
