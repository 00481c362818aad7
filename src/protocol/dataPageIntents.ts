import * as z from "zod";
import type { DataPageMessage, DataSource, SplitSource } from "./dataPage";

/** Whatever comes from a data page is checked before the host acts on it. */

const text = z.string().max(4096);
const count = z.number().int().nonnegative();

const splitSource = z.union([
  z.object({ config: text }),
  z.object({ root: text, dataset: text, shots: count.nullable(), seed: count }),
]) satisfies z.ZodType<SplitSource>;

const source = z.discriminatedUnion("page", [
  z.object({ page: z.literal("class"), root: text, dataset: text, label: count, name: text }),
  z.object({ page: z.literal("sampled"), of: splitSource, name: text }),
  z.object({ page: z.literal("split"), of: splitSource }),
  z.object({ page: z.literal("check"), root: text.nullable(), dataset: text.nullable() }),
  z.object({
    page: z.literal("classified"),
    run: text,
    checkpoint: text.nullable(),
    places: z.array(text).min(1),
  }),
]) satisfies z.ZodType<DataSource>;

const image = z.object({ root: count, path: text });

const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("want"), images: z.array(image).max(2000) }),
  z.object({ type: z.literal("openImage"), ...image.shape }),
  z.object({ type: z.literal("saveTable") }),
  z.object({ type: z.literal("openFound"), report: count, path: text }),
  z.object({ type: z.literal("openClass"), name: text }),
  z.object({ type: z.literal("check") }),
  z.object({ type: z.literal("cancel") }),
  z.object({ type: z.literal("tryAddresses") }),
  z.object({ type: z.literal("reveal"), report: count }),
]) satisfies z.ZodType<DataPageMessage>;

/** A message of a data page; null where it is none. */
export function parseDataPageMessage(value: unknown): DataPageMessage | null {
  return message.safeParse(value).data ?? null;
}

/** What a panel showed before a reload; null where it cannot be read. */
export function parseDataSource(value: unknown): DataSource | null {
  return source.safeParse((value as { source?: unknown } | null)?.source).data ?? null;
}
