/** The rule that ends a run when an accuracy no longer improves. */
export interface Plateau {
  /** Evaluations since the last gain. */
  waited: number;
  /** The accuracy of that gain, in percent. */
  accuracy: number;
}

/** The rule's state after one more accuracy; a gain is more than `minDelta` above the last one. */
export function notePlateau(before: Plateau | null, accuracy: number, minDelta: number): Plateau {
  return before === null || accuracy > before.accuracy + minDelta
    ? { waited: 0, accuracy }
    : { ...before, waited: before.waited + 1 };
}
