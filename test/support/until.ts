/** Waits until a condition holds; fails with what was waited for after `seconds`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  seconds = 30,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((settle) => setTimeout(settle, 10));
  }
}
