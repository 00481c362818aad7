/** 1.4 MiB */
export function bytes(count: number): string {
  return count < 2 ** 20
    ? `${(count / 1024).toFixed(1)} KiB`
    : `${(count / 2 ** 20).toFixed(1)} MiB`;
}
