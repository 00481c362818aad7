import { readFile } from "node:fs/promises";
import * as z from "zod";
import type { RememberedCheck } from "./checkMemory";

const kept = z.object({
  time: z.number(),
  report: z.object({
    dataset: z.string(),
    folder: z.string(),
    findings: z.array(z.object({ state: z.enum(["ok", "note", "failed"]), text: z.string() })),
  }),
});

/** A check that was kept in a file; null where the file is none. */
export async function readCheck(file: string): Promise<RememberedCheck | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return kept.safeParse(value).success ? (value as RememberedCheck) : null;
  } catch {
    return null;
  }
}
