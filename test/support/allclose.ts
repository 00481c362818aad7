/**
 * Fails unless every |got - want| <= absolute + relative * max|want|. The message names the worst element. The scale is
 * that of the whole tensor, because single elements of a gradient may cancel to nothing.
 */
export function expectClose(
  what: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { relative = 0, absolute = 0 }: { relative?: number; absolute?: number },
): void {
  if (got.length !== want.length)
    throw new Error(`${what}: ${got.length} values, expected ${want.length}`);
  let scale = 0;
  for (let i = 0; i < want.length; i++) scale = Math.max(scale, Math.abs(want[i]!));
  const tolerance = absolute + relative * scale;
  let worst = -1;
  let error = -1;
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(got[i]! - want[i]!);
    if (!(difference <= error)) {
      error = difference;
      worst = i;
      if (Number.isNaN(difference)) break;
    }
  }
  if (!(error <= tolerance))
    throw new Error(
      `${what}: element ${worst} of ${want.length} is ${got[worst]}, expected ${want[worst]}; ` +
        `off by ${error.toExponential(2)}, allowed ${tolerance.toExponential(2)}`,
    );
}
