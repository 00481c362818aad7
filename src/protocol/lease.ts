import { readFileSync, statSync } from "node:fs";
import { rm, utimes, writeFile } from "node:fs/promises";
import type { RunPaths } from "./runFolder";

/**
 * The lease of a run: a file in its folder that says for how long the run may go on while no editor has it open. Every
 * window that sees the run renews it by the file's time; the trainer itself looks at it and stops with everything saved
 * when it has run out. So nothing is ever stopped by a window that closes, which may only be reloading. A run without
 * a lease goes on to its end.
 */
export interface Lease {
  minutes: number;
  /** When it was last renewed, in milliseconds since 1970. */
  renewed: number;
}

/** Milliseconds between two renewals by a window. */
export const renewInterval = 20_000;

/** The lease of a run; null where it has none. */
export function readLease({ lease }: RunPaths): Lease | null {
  try {
    // Checked by hand, for the host of the editor writes leases and shall not load zod for them.
    const { minutes } = JSON.parse(readFileSync(lease, "utf8")) as { minutes?: unknown };
    const valid = typeof minutes === "number" && minutes > 0 && minutes < Infinity;
    return !valid ? null : { minutes, renewed: statSync(lease).mtimeMs };
  } catch {
    return null;
  }
}

/** Gives a run a lease. */
export async function grantLease({ lease }: RunPaths, minutes: number): Promise<void> {
  await writeFile(lease, JSON.stringify({ minutes }) + "\n");
}

/** Renews the lease of a run that has one. */
export async function renewLease({ lease }: RunPaths): Promise<void> {
  const now = new Date();
  // Most runs have none; one that cannot be renewed here is renewed by the window that gave it.
  await utimes(lease, now, now).catch(() => undefined);
}

/** Lets a run go on to its end, whoever watches. */
export async function endLease({ lease }: RunPaths): Promise<void> {
  await rm(lease, { force: true });
}
