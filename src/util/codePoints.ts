/**
 * Orders texts by Unicode code point, as Python's `sorted` does and as no locale or file system changes. JavaScript's
 * own `<` compares UTF-16 units, which puts emoji before some rarer letters.
 */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return order(x) - order(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others, though their units do not. */
function order(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
