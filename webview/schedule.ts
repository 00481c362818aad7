/** A drawing that is asked for often and done seldom. */
export interface Schedule {
  /** Draws at the next frame, but not sooner than `interval` after the last time. */
  soon(): void;
  /** Draws at the next frame: the user did something. */
  now(): void;
}

/** At most one drawing per frame and, unless the user acts, one per `interval` milliseconds. */
export function schedule(draw: () => void, interval = 100): Schedule {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let frame: number | null = null;
  const run = (): void => {
    frame = null;
    last = performance.now();
    draw();
  };
  const now = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    frame ??= requestAnimationFrame(run);
  };
  return {
    now,
    soon() {
      if (timer !== null || frame !== null) return;
      const wait = last + interval - performance.now();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
  };
}
