import { readFileSync } from "node:fs";
import * as z from "zod";
import { UserError } from "../util/errors";
import { configSchema } from "./config";
import type { RunPaths } from "./runFolder";

/** What a run folder's config.json holds: the configuration with every default, and what it was resolved to. */
export const frozenSchema = configSchema.extend({
  run: z.object({
    id: z.string(),
    created: z.string(),
    /** Version of the program that made the run. */
    version: z.string(),
    /** The folder that `model` was resolved to. */
    modelFolder: z.string(),
    /** SHA-256 over the headers and sizes of the model's weight files. */
    modelHash: z.string(),
    /** SHA-256 of split.jsonl. */
    splitHash: z.string(),
    /** Optimisation steps. */
    steps: z.number().int(),
  }),
});

export type FrozenConfig = z.output<typeof frozenSchema>;

/** The frozen configuration of a run. */
export function readFrozen({ config: file, folder }: RunPaths): FrozenConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new UserError(
      `${folder}: is not a run folder, its config.json cannot be read; name a folder below .glad/runs`,
    );
  }
  const parsed = frozenSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(
    `${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}; a run's configuration is frozen, so restore the file or start a new run`,
  );
}
