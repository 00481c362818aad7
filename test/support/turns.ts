import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Watches how long this thread's turns are (milliseconds): by the clock, and on Linux by the processor time of this thread,
 * because the clock also counts what other programs of a busy machine do meanwhile.
 */
export function watchTurns(): { end(): { wall: number; cpu: number } } {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const computed = (): number =>
    Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  const known = process.platform === "linux";
  let last = known ? computed() : 0;
  let most = 0;
  const look = (): void => {
    const now = computed();
    most = Math.max(most, now - last);
    last = now;
  };
  const ticks = known ? setInterval(look, 1) : undefined;
  delay.enable();
  return {
    end() {
      delay.disable();
      clearInterval(ticks);
      const wall = delay.max / 1e6;
      return { wall, cpu: known ? Math.min(most, wall) : wall };
    },
  };
}
