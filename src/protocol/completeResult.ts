import { readFileSync } from "node:fs";
import * as z from "zod";

const counted = z.array(z.object({ split: z.string(), correct: z.number(), total: z.number() }));

/** What is read of a result.json. */
const resultSchema = z.object({
  step: z.number(),
  reason: z.enum(["completed", "plateau", "stopped"]),
  zeroShot: counted,
  adapted: counted,
});

/** What a run that has come to its end was measured on then. */
export type CompleteResult = z.output<typeof resultSchema>;

/**
 * The result of a run that has come to its end, whatever became of it since: it may be measured on more. Null where it has not, or
 * the text of its result.json cannot be read.
 */
export function completeResult(text: string): CompleteResult | null {
  try {
    const result = resultSchema.parse(JSON.parse(text));
    return result.reason === "stopped" ? null : result;
  } catch {
    return null;
  }
}

/** The complete result in a file; null where there is none. */
export function readCompleteResult(file: string): CompleteResult | null {
  try {
    return completeResult(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
