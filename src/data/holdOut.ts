import { PythonRandom } from "../util/pythonRandom";

/** Of one class: which of its images train, validate and test. */
export interface HeldOut<T> {
  train: T[];
  val: T[];
  test: T[];
}

/**
 * Splits the images of one class 50/20/30 into training, validation and test, as CoOp does where a data set has no
 * split. The choice depends on the number of images only (never on the run's seed or on other classes). One training
 * and one test image are kept of two and more; with one image the test part is empty.
 */
export function holdOutTest<T>(items: readonly T[]): HeldOut<T> {
  const n = items.length;
  const train = Math.max(1, Math.min(pythonRound(n * 0.5), n - 1));
  const test = Math.max(Math.min(1, n - train), n - train - pythonRound(n * 0.2));
  const shuffled = [...items];
  // The seed is fixed: test images must stay the same whatever the seed of the run.
  new PythonRandom(1).shuffle(shuffled);
  return {
    train: shuffled.slice(0, train),
    val: shuffled.slice(train, n - test),
    test: shuffled.slice(n - test),
  };
}

/** Python's `round`: halves go to the even neighbour. */
function pythonRound(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
