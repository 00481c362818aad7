/**
 * Work that is done in turns of a few milliseconds: curves of 100,000 steps take 50 in all, a sweep of 1,000 methods 100, and
 * whoever does it may have other things to do in between.
 */
export type Turns<T> = Generator<undefined, T>;

/** Does such work in one go. */
export function atOnce<T>(work: Turns<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
