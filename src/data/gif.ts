import type { RgbImage } from "./rgbImage";

/**
 * The first frame of a GIF (GIF89a specification) as Pillow shows it: a transparent pixel has the colour of its palette
 * entry, and what the frame leaves uncovered is filled with the transparent entry, or entry 0. libvips makes such pixels
 * black instead, which is why GIFs are decoded here. Throws an `Error` for damaged files.
 */
export function decodeGif(bytes: Buffer, largestPixels: number): RgbImage {
  const frame = readFirstFrame(bytes);
  const width = Math.max(bytes.readUInt16LE(6), frame.left + frame.width);
  const height = Math.max(bytes.readUInt16LE(8), frame.top + frame.height);
  if (width * height > largestPixels) throw new Error("input exceeds pixel limit");
  const indices = new Uint8Array(frame.width * frame.height).fill(frame.transparent);
  decodeLzw(dataOfBlocks(bytes, frame.dataStart + 1), bytes[frame.dataStart]!, indices);
  const data = new Uint8Array(width * height * 3);
  if (width * height > indices.length) paint(data, frame.palette, frame.transparent);
  const rows = frame.interlaced ? interlacedRows(frame.height) : undefined;
  for (let i = 0; i < indices.length; i++) {
    const row = Math.floor(i / frame.width);
    const y = frame.top + (rows ? rows[row]! : row);
    const to = (y * width + frame.left + (i % frame.width)) * 3;
    const from = indices[i]! * 3;
    data[to] = frame.palette[from]!;
    data[to + 1] = frame.palette[from + 1]!;
    data[to + 2] = frame.palette[from + 2]!;
  }
  return { width, height, data };
}

interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  interlaced: boolean;
  /** 256 colours, RGB. */
  palette: Uint8Array;
  /** The transparent entry, 0 where there is none. */
  transparent: number;
  /** Position of the code size, which the blocks of the image follow. */
  dataStart: number;
}

/** Walks over the extensions up to the first image descriptor. */
function readFirstFrame(bytes: Buffer): Frame {
  const flags = bytes.readUInt8(10);
  let at = 13;
  let global: Buffer | undefined;
  if (flags & 0x80) {
    const length = 3 << ((flags & 7) + 1);
    global = bytes.subarray(at, at + length);
    at += length;
  }
  let transparent = 0;
  while (at < bytes.length) {
    const label = bytes[at++]!;
    if (label === 0x21) {
      // Graphic control extension: bit 0 says whether there is a transparent entry.
      if (bytes[at] === 0xf9 && bytes.readUInt8(at + 2) & 1) transparent = bytes.readUInt8(at + 5);
      at++;
      while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
      at++;
    } else if (label === 0x2c) {
      const local = bytes.readUInt8(at + 8);
      const length = local & 0x80 ? 3 << ((local & 7) + 1) : 0;
      const own = bytes.subarray(at + 9, at + 9 + length);
      return {
        left: bytes.readUInt16LE(at),
        top: bytes.readUInt16LE(at + 2),
        width: bytes.readUInt16LE(at + 4),
        height: bytes.readUInt16LE(at + 6),
        interlaced: (local & 0x40) !== 0,
        palette: fullPalette(length ? own : global),
        transparent,
        dataStart: at + 9 + length,
      };
    } else if (label === 0x3b) break;
  }
  throw new Error("no image in the GIF");
}

/** A palette of 256 entries; those that the file leaves out are grey levels. */
function fullPalette(entries: Buffer | undefined): Uint8Array {
  const palette = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  if (entries) palette.set(entries);
  return palette;
}

/** The bytes of a chain of sub-blocks. */
function dataOfBlocks(bytes: Buffer, start: number): Buffer {
  const blocks: Buffer[] = [];
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) {
    blocks.push(bytes.subarray(at + 1, at + 1 + bytes[at]!));
    at += bytes[at]! + 1;
  }
  return Buffer.concat(blocks);
}

/** Variable-length-code LZW with codes of at most 12 bits; fills `output`. */
function decodeLzw(data: Buffer, codeSize: number, output: Uint8Array): void {
  if (codeSize < 1 || codeSize > 8) throw new Error(`GIF code size ${codeSize}, expected 1 to 8`);
  const clear = 1 << codeSize;
  const prefix = new Uint16Array(4096);
  const suffix = Uint8Array.from({ length: 4096 }, (_, i) => i);
  const lengths = new Uint16Array(4096).fill(1);
  let next = clear + 2;
  let bits = codeSize + 1;
  let previous = -1;
  let buffer = 0;
  let held = 0;
  let at = 0;
  let to = 0;
  while (to < output.length) {
    while (held < bits) {
      if (at === data.length) throw new Error("GIF data end early");
      buffer |= data[at++]! << held;
      held += 8;
    }
    const code = buffer & ((1 << bits) - 1);
    buffer >>>= bits;
    held -= bits;
    if (code === clear) {
      next = clear + 2;
      bits = codeSize + 1;
      previous = -1;
      continue;
    }
    if (code === clear + 1) return;
    if (code > next || (code === next && previous < 0)) throw new Error("invalid code in GIF data");
    if (previous >= 0 && next < 4096) {
      // The new string is the previous one and the first byte of this one (which may be the new string itself).
      prefix[next] = previous;
      lengths[next] = lengths[previous]! + 1;
      let first = code === next ? previous : code;
      while (first >= clear) first = prefix[first]!;
      suffix[next++] = first;
      if (next === 1 << bits && bits < 12) bits++;
    }
    const length = lengths[code]!;
    for (let i = to + length - 1, k = code; i >= to; i--, k = prefix[k]!)
      if (i < output.length) output[i] = suffix[k]!;
    to += length;
    previous = code;
  }
}

/** Where row i of an interlaced image belongs. */
function interlacedRows(height: number): number[] {
  const rows: number[] = [];
  for (const [start, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const)
    for (let y = start; y < height; y += step) rows.push(y);
  return rows;
}

function paint(data: Uint8Array, palette: Uint8Array, index: number): void {
  for (let i = 0; i < data.length; i++) data[i] = palette[index * 3 + (i % 3)]!;
}
