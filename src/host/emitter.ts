/** Something that is to be let go. The same as VS Code's, so that what needs no editor can be tested without one. */
export interface Disposable {
  dispose(): void;
}

/** Tells listeners of something. */
export interface Emitter<T> {
  on(listener: (value: T) => void): Disposable;
  fire(value: T): void;
}

/** An emitter without listeners. */
export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    on(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    fire: (value) => [...listeners].forEach((listener) => listener(value)),
  };
}
