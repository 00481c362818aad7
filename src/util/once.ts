/** A value that is made when it is first asked for, and kept: what an activation does not need does not hold it up. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
