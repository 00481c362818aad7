/** How times, speeds and progress are written, the same on the command line, in the editor and on its pages. */

/** How long something takes: "45 s", "2 min 05 s", "12 min", "3 h 05 min". */
export function duration(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Images in a second, with a decimal where there are few; `whole` writes the others. */
export function speed(imagesPerSecond: number, whole: (value: number) => string = String): string {
  return imagesPerSecond < 99.95 ? imagesPerSecond.toFixed(1) : whole(Math.round(imagesPerSecond));
}

/** How much of something is done, in whole percent: 100 where all is. */
export function percentDone(share: number): number {
  // A share that is an even percent must not be one less for its last bit.
  return Math.floor(100 * share + 1e-9);
}
