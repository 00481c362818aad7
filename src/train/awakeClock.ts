/**
 * A clock that stands still while the process is suspended (SIGSTOP, a frozen container, a lid on some systems): a thread ticks every
 * second, and where it did not tick for longer than `patience`, neither did anything else run. Steps are timed by it.
 */

/** Milliseconds; a thread of a busy machine may tick so late and was at work all the same. */
const patience = 5000;

/** What the threads share: when the last tick was, and how much was no time, in nanoseconds. */
export type Ticks = SharedArrayBuffer;

const lastTick = 0;
const suspended = 1;

/** The ticks of a clock that begins now. */
export function newTicks(): Ticks {
  const ticks = new SharedArrayBuffer(16);
  Atomics.store(new BigInt64Array(ticks), lastTick, process.hrtime.bigint());
  return ticks;
}

/** To be called every second. */
export function tick(ticks: Ticks): void {
  const cells = new BigInt64Array(ticks);
  const now = process.hrtime.bigint();
  const missed = missedBy(cells, now);
  Atomics.store(cells, lastTick, now);
  Atomics.add(cells, suspended, missed);
}

/**
 * Milliseconds on the clock; also right before the thread ticks again after a suspension. Where the thread has ended, the clock goes
 * on and no suspension is noticed any more.
 */
export function awakeTime(ticks: Ticks, isTicking = true): number {
  const cells = new BigInt64Array(ticks);
  const now = process.hrtime.bigint();
  const missed = Atomics.load(cells, suspended) + (isTicking ? missedBy(cells, now) : 0n);
  return Number(now - missed) / 1e6;
}

function missedBy(cells: BigInt64Array, now: bigint): bigint {
  const late = now - Atomics.load(cells, lastTick) - BigInt(1e6 * patience);
  return late > 0n ? late : 0n;
}
