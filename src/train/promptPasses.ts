import { dropoutRows } from "../models/dropout";
import { type ClipProgram, type PromptShape, readsOneToken } from "../models/graphs";
import { ownTokens, type PromptBatch, raggedShare } from "../models/prompts";
import type { HostTensor } from "../runtime/session";
import type { Draw } from "./engineTypes";
import { padded, siteRows } from "./feeds";

type Feeds = Record<string, HostTensor>;

/** The passes that the text encoder takes over the classes: all of one shape, since graphs are static. */
export interface PromptPasses {
  shape: PromptShape;
  /** The classes of each pass, of which the last may have fewer than `shape.count`. */
  passes: Int32Array[];
}

/**
 * As few passes of at most `most` classes as there can be. The longest prompts are dealt out first, to and fro, so that passes have
 * about equally many tokens.
 */
export function promptPasses(prompts: PromptBatch, most: number): PromptPasses {
  const number = Math.ceil(prompts.count / most);
  const tokens = ownTokens(prompts);
  const byLength = Array.from(tokens.keys()).sort((a, b) => tokens[b]! - tokens[a]! || a - b);
  const dealt: number[][] = Array.from({ length: number }, () => []);
  byLength.forEach((k, i) => {
    const [round, turn] = [Math.floor(i / number), i % number];
    dealt[round % 2 === 0 ? turn : number - 1 - turn]!.push(k);
  });
  // The fullest comes first: a pass of each shape has been seen before any is filled up.
  const passes = dealt
    .sort((a, b) => b.length - a.length)
    .map((classes) => Int32Array.from(classes).sort());
  const rows = 1 + Math.max(...passes.map((classes) => sum(classes.map((k) => tokens[k]!))));
  const { prefix, length } = prompts;
  const count = Math.ceil(prompts.count / number);
  // A pass of few classes has as many rows as its longest prompt asks for, and a filler.
  const ragged = rows < raggedShare * count * length;
  return {
    shape: { prefix: prefix.length, length, count, rows: ragged ? rows : null },
    passes,
  };
}

/** The prompts of some classes as a graph of that shape takes them; what is too much is filled up and means nothing. */
export function promptFeeds(prompts: PromptBatch, classes: Int32Array, shape: PromptShape): Feeds {
  const { count, length, rows } = shape;
  const { prefix } = prompts;
  const endOfText = new Float32Array(count * length);
  for (let i = 0; i < count; i++)
    endOfText[i * length + (i < classes.length ? prompts.endOfText[classes[i]!]! : 0)] = 1;
  const feeds: Feeds = {
    prefix: int32(prefix, [prefix.length]),
    endOfText: { dtype: "float32", shape: [count, length], data: endOfText },
  };
  if (rows !== null) return { ...feeds, ...raggedFeeds(prompts, classes, shape, rows) };
  const suffix = new Int32Array(count * length);
  for (let i = 0; i < count; i++) {
    const k = classes[Math.min(i, classes.length - 1)]!;
    suffix.set(prompts.suffix.subarray(k * length, (k + 1) * length), i * length);
  }
  return { ...feeds, suffix: int32(suffix, [count, length]) };
}

/** Rows and grid of ragged prompts (see Ragged). */
function raggedFeeds(
  prompts: PromptBatch,
  classes: Int32Array,
  { prefix, count, length }: PromptShape,
  rows: number,
): Feeds {
  const suffix = new Int32Array(rows);
  const places = new Int32Array(rows).fill(prefix);
  const cells = new Int32Array(rows);
  const real = new Float32Array(rows);
  const filler = prefix + rows - 1;
  const grid = new Int32Array(count * length).fill(filler);
  let row = 0;
  classes.forEach((k, i) => {
    for (let t = 0; t <= prompts.endOfText[k]!; t++, row++) {
      suffix[row] = prompts.suffix[k * length + t]!;
      places[row] = prefix + t;
      cells[row] = i * length + t;
      real[row] = 1;
      grid[i * length + t] = prefix + row;
    }
  });
  return {
    suffix: int32(suffix, [rows]),
    places: int32(places, [rows]),
    cells: int32(cells, [rows]),
    grid: int32(grid, [count * length]),
    real: { dtype: "float32", shape: [rows, 1], data: real },
  };
}

/** The sample id of the tokens that all prompts share; classes have theirs from 0. */
const sharedTokens = -1;

/** Dropout rows of every text site for the prompts of some classes. */
export function textRows(
  program: ClipProgram,
  draw: Draw,
  prompts: PromptBatch,
  classes: Int32Array,
  shape: PromptShape,
): Feeds {
  const { text } = program.snapshot.config;
  const { prefix, length, count, rows } = shape;
  const ids = padded(classes, count);
  const own = ownTokens(prompts);
  const tokens = rows === null ? length : classes.map((k) => own[k]!);
  return siteRows(program, "text", (site, number) => {
    if (readsOneToken(site, text.layers)) return dropoutRows(draw, number, ids, 1);
    const all = new Int32Array(prefix + (rows ?? count * length));
    all.set(dropoutRows(draw, number, [sharedTokens], prefix));
    all.set(dropoutRows(draw, number, rows === null ? ids : classes, tokens), prefix);
    return all;
  });
}

function int32(data: Int32Array, shape: readonly number[]): HostTensor {
  return { dtype: "int32", shape, data };
}

function sum(values: Int32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
