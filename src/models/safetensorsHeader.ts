import { type FileHandle, open, realpath } from "node:fs/promises";
import { messageOf, UserError } from "../util/errors";
import { isWebPage } from "../util/jsonFile";
import { visible } from "../util/text";
import type { StoredDType, StoredTensor } from "./types";

/**
 * The safetensors format: 8 bytes of header length (little-endian), the header as JSON
 * (`{name: {dtype, shape, data_offsets}, __metadata__}`), the tensors' bytes without holes.
 */

/** What a safetensors file says about itself. */
export interface SafetensorsHeader {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

/** The format's names of element types, ours, and their sizes in bytes. */
const dtypes: Record<string, { name: StoredDType; bytes: number }> = {
  F32: { name: "float32", bytes: 4 },
  F16: { name: "float16", bytes: 2 },
  BF16: { name: "bfloat16", bytes: 2 },
  F64: { name: "float64", bytes: 8 },
  F8_E4M3: { name: "float8_e4m3", bytes: 1 },
  F8_E5M2: { name: "float8_e5m2", bytes: 1 },
  I64: { name: "int64", bytes: 8 },
  I32: { name: "int32", bytes: 4 },
  I16: { name: "int16", bytes: 2 },
  I8: { name: "int8", bytes: 1 },
  U64: { name: "uint64", bytes: 8 },
  U32: { name: "uint32", bytes: 4 },
  U16: { name: "uint16", bytes: 2 },
  U8: { name: "uint8", bytes: 1 },
  BOOL: { name: "bool", bytes: 1 },
};

/** The limit that the reference implementation sets. */
const maxHeaderBytes = 100_000_000;

const again = "download or copy it again";

/**
 * Reads the header of a safetensors file, not the data, and checks all of it: every byte of the file must belong to
 * exactly one tensor. Throws a UserError that says what is wrong with the file.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  let handle: FileHandle;
  let file: string;
  try {
    file = await realpath(path);
    handle = await open(file, "r");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new UserError(
      `${path}: ${missing ? "there is no such file; check the path" : `cannot be opened (${messageOf(error)})`}`,
    );
  }
  try {
    const { size } = await handle.stat();
    const text = await headerText(handle, path, size);
    return parseHeader(text, { path, file, size });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read (${messageOf(error)})`);
  } finally {
    await handle.close();
  }
}

/** Reads `length` bytes from `offset` into a new buffer; a file that ends earlier is a UserError. */
export async function readBytes(
  handle: FileHandle,
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  // One read of the system gives at most 2 GiB.
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      Math.min(length - done, 2 ** 30),
      offset + done,
    );
    if (bytesRead === 0) throw new UserError(`${path}: became shorter while it was read; ${again}`);
    done += bytesRead;
  }
  return bytes;
}

async function headerText(handle: FileHandle, path: string, size: number): Promise<string> {
  const start = Buffer.from(await readBytes(handle, path, 0, Math.min(size, 256)));
  const other = otherKind(start);
  if (other) throw new UserError(`${path}: ${other}`);
  if (size < 8) {
    throw new UserError(`${path}: has ${size} bytes, too few for a safetensors file; ${again}`);
  }
  const length = start.readBigUInt64LE(0);
  if (length > BigInt(size - 8)) {
    throw new UserError(
      `${path}: its header should have ${length} bytes but the whole file has ${size}; it is cut off or no safetensors file, ${again}`,
    );
  }
  if (length > BigInt(maxHeaderBytes)) {
    throw new UserError(
      `${path}: its header has ${length} bytes, above the format's limit of ${maxHeaderBytes}; it is damaged, ${again}`,
    );
  }
  return Buffer.from(await readBytes(handle, path, 8, Number(length))).toString("utf8");
}

/** Says what a file is that is often found under the name of a safetensors file, or null. */
function otherKind(start: Buffer): string | null {
  const text = start.toString("latin1");
  if (text.startsWith("version https://git-lfs")) {
    return "is a git-lfs pointer and not the weights themselves; run `git lfs pull` in its folder";
  }
  if (isWebPage(text)) {
    return "is a web page (HTML) and not weights; use the download link of the file, not of its page";
  }
  if (text.startsWith("PK\u0003\u0004")) {
    return "is a zip or PyTorch file and not safetensors; convert it, a new name does not";
  }
  return null;
}

interface FileFacts {
  path: string;
  file: string;
  size: number;
}

function parseHeader(text: string, { path, file, size }: FileFacts): SafetensorsHeader {
  const fail = (what: string): never => {
    throw new UserError(`${path}: ${what}; it is damaged, ${again}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail(`its header is not JSON (${visible(messageOf(error).slice(0, 100))})`);
  }
  if (!isRecord(json)) return fail("its header is not a JSON object");
  const twice = repeatedKey(text);
  if (twice !== null) fail(`its header names "${twice}" twice`);
  const { __metadata__: metadata = {}, ...entries } = json;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    fail("its __metadata__ is not a table of texts");
  }
  const dataStart = 8 + Buffer.byteLength(text);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, begin, end } = checkedEntry(name, entry, fail);
    const offset = dataStart + begin;
    tensors.set(name, { file, offset, length: end - begin, shape, dtype });
  }
  checkCover(tensors, dataStart, path, size);
  return { tensors, metadata: metadata as Record<string, string> };
}

function checkedEntry(
  name: string,
  entry: unknown,
  fail: (what: string) => never,
): { dtype: StoredDType; shape: number[]; begin: number; end: number } {
  if (!isRecord(entry)) return fail(`the entry of tensor ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = dtypes[String(dtype)];
  if (!type) {
    return fail(
      `tensor ${name} has the unknown dtype ${JSON.stringify(dtype)} (known: ${Object.keys(dtypes).join(", ")})`,
    );
  }
  if (!isSizes(shape)) {
    return fail(`the shape of tensor ${name} is ${JSON.stringify(shape)}, not a list of sizes`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    return fail(
      `the data_offsets of tensor ${name} are ${JSON.stringify(offsets)}, not [begin, end]`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, size) => product * size, type.bytes);
  if (end - begin !== expected) {
    return fail(
      `tensor ${name} of shape [${shape.join(", ")}] and dtype ${String(dtype)} needs ${expected} bytes but has ${end - begin}`,
    );
  }
  return { dtype: type.name, shape, begin, end };
}

/** Refuses overlaps and holes between tensors, and a file that is shorter or longer than they say. */
function checkCover(
  tensors: ReadonlyMap<string, StoredTensor>,
  dataStart: number,
  path: string,
  size: number,
): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = dataStart;
  let before = "the header";
  for (const [name, { offset, length }] of inOrder) {
    if (offset !== end) {
      const what = offset < end ? "overlap" : "leave a hole between them";
      throw new UserError(
        `${path}: the bytes of ${before} and of tensor ${name} ${what} (at byte ${offset}, expected ${end}); it is damaged, ${again}`,
      );
    }
    end = offset + length;
    before = `tensor ${name}`;
  }
  if (end === size) return;
  const what = size < end ? "is cut off" : "has bytes after its last tensor";
  throw new UserError(
    `${path}: ${what}: it has ${size} bytes but its header describes ${end}; ${again}`,
  );
}

/** The first key that a JSON object repeats at its top level, which JSON.parse passes over in silence. */
function repeatedKey(text: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/gs)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && token.endsWith(":")) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
