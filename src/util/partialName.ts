/** What a process calls a folder that it makes until it is whole; `start` is what the name begins with. */
export function partialName(start: string, pid: number): string {
  return `${start}${pid}.partial`;
}
