/** When the host's bundle began to be evaluated, in milliseconds of `performance.now()`: it must be imported before anything else. */
export const loadStart = performance.now();
