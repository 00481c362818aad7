import * as z from "zod";
import type { PageMessage, PageState } from "./page";

/** Whatever comes from a page is checked before the host acts on it. */

const axis = z.enum(["step", "time"]);
const range = z.tuple([z.number(), z.number()]).nullable();
const request = z.number().int().nonnegative();
const run = z.string().min(1).max(1000);
const runs = z.array(run).max(64);
const width = z.number().min(1).max(20_000);
const limit = z.number().int().min(1).max(1000);

/** What a page kept; also what the editor hands to a panel that it restores. */
export const pageStateSchema = z.object({
  version: z.literal(1),
  runs,
  colours: z.record(z.string(), z.number().int().nonnegative()),
  active: run.nullable(),
  view: z.object({ axis, range, smoothing: z.number().min(0).max(0.999) }),
  logarithmic: z.boolean(),
  toggled: z.array(z.string()),
  yRanges: z.record(z.string(), z.tuple([z.number(), z.number()])),
  tables: z.array(z.string()),
  tab: z.string(),
  split: z.string().nullable(),
}) satisfies z.ZodType<PageState>;

const view = z.object({ axis, range, width, smoothing: z.number().min(0).max(0.999) });

const pageMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), state: pageStateSchema.nullable().catch(null), width }),
  z.object({ type: z.literal("window"), request, run, view }),
  z.object({ type: z.literal("rows"), request, runs, axis, range, limit }),
  z.object({
    type: z.literal("details"),
    request,
    run,
    split: z.string(),
    label: z.string().nullable(),
    offset: z.number().int().nonnegative(),
    limit,
  }),
  z.object({
    type: z.literal("control"),
    run,
    action: z.enum([
      "pause",
      "continue",
      "stop",
      "checkpoint",
      "evaluate",
      "resume",
      "classifyImages",
      "exportCheckpoint",
    ]),
  }),
  z.object({
    type: z.literal("open"),
    run,
    what: z.enum(["log", "config", "folder", "doctor", "data"]),
  }),
  z.object({ type: z.literal("openImage"), run, path: z.string() }),
  z.object({ type: z.literal("exportCsv"), runs, what: z.enum(["curves", "accuracy"]) }),
  z.object({
    type: z.literal("exportPng"),
    name: z.string().max(200),
    png: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  }),
  z.object({ type: z.literal("selectRuns"), runs }),
  z.object({ type: z.literal("pickRuns") }),
]) satisfies z.ZodType<PageMessage>;

/** A message of the page; null where it is none. A state that cannot be read counts as none. */
export function parsePageMessage(value: unknown): PageMessage | null {
  return pageMessageSchema.safeParse(value).data ?? null;
}

/** The state that the editor kept of a panel; null where it cannot be read. */
export function parsePageState(value: unknown): PageState | null {
  return pageStateSchema.safeParse(value).data ?? null;
}
