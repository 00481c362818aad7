import { withGradient } from "../graph/gradients";
import { mul } from "../graph/ops/elementwise";
import { concat, gather, pad, slice } from "../graph/ops/shape";
import type { Tensor } from "../graph/tensor";

/**
 * Sequences of unequal length as rows one after the other, behind the rows that all share. Matrices are applied to rows, so
 * that a sequence costs no more than its own tokens; attention alone asks which of them belong together, and sees them in a
 * grid [sequences, longest].
 *
 * The last rows, at least one, are fillers. Cells beyond the end of a sequence hold the last filler, and fillers take any cell.
 * That changes nothing as long as no row looks at a later cell of its sequence and nobody reads a filler: then neither gets
 * a gradient.
 */
export interface Ragged {
  /** int32 [sequences longest]: the row of each cell, counted with the shared ones. */
  grid: Tensor;
  /** int32 [N]: the cell of each row that is not shared. */
  cells: Tensor;
  /** [N, 1]: 1 for rows of a sequence, 0 for fillers. */
  real: Tensor;
}

/** Rows [shared + N, D] -> grid [sequences longest, D]. */
export function toGrid(rows: Tensor, { grid, cells, real }: Ragged): Tensor {
  const shared = rows.shape[0]! - cells.shape[0]!;
  // A row stands in one cell, so nothing has to be summed up: its gradient is picked.
  return withGradient(gather(rows, grid), [rows], (g) => [
    pad(mul(gather(g, cells), real), 0, shared, 0),
  ]);
}

/** Shared rows [shared, D] and a grid [sequences longest, D] -> rows [shared + N, D]. */
export function fromGrid(shared: Tensor, cells: Tensor, ragged: Ragged): Tensor {
  const rows = concat([shared, gather(cells, ragged.cells)], 0);
  return withGradient(rows, [shared, cells], (g) => [
    slice(g, 0, 0, shared.shape[0]!),
    gather(g, ragged.grid),
  ]);
}
