/** Numbers as the page writes them, in the language of the document. */
import { differenceText } from "../src/protocol/difference";

const language = (): string => document.documentElement.lang || "en";
const formats = new Map<string, Intl.NumberFormat>();

function format(value: number, options: Intl.NumberFormatOptions): string {
  const key = language() + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat(language(), options)));
  return found.format(value);
}

/** A count with separators between thousands. */
export function integer(value: number): string {
  return format(value, { maximumFractionDigits: 0 });
}

/** A measured value with four significant digits; very large and very small ones with a power of ten. */
export function measured(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return format(value, { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
}

/** A label of an axis: as short as it can be told from its neighbours. */
export function tick(value: number, increment: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(digitsOf(value));
  let digits = 0;
  while (digits < 6 && Math.abs(increment - round(increment, digits)) > increment * 1e-6) digits++;
  return format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A label of a logarithmic axis: two significant digits tell decades and their parts. */
export function logTick(value: number): string {
  if (value < 1e-3 || value >= 1e6) return value.toExponential(digitsOf(value));
  return format(value, { maximumSignificantDigits: 2 });
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Digits after the point of the mantissa, at most one: 2e-4, 1.5e-4. */
function digitsOf(value: number): number {
  return value.toExponential(1).includes(".0e") ? 0 : 1;
}

/** Percent with two decimals, without the sign, rounded as in every other form of a table (Intl rounds 90.735 by its decimals). */
export function percent(value: number): string {
  const rounded = Number(value.toFixed(2));
  return format(rounded, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A number with up to three decimals. */
export function decimal(value: number): string {
  return format(value, { maximumFractionDigits: 3 });
}

/** A probability, or a share of what is to be done, as percent without decimals. */
export function share(value: number): string {
  return format(value, { style: "percent", maximumFractionDigits: 0 });
}

/** A difference in percentage points with its sign; a true minus, so that signs are equally wide. */
export function difference(value: number): string {
  return differenceText(value, "−", percent);
}

/** A time since the start: "0:05", "12:30", "3:05:00"; tenths where they matter. */
export function clock(seconds: number, tenths = false): string {
  const whole = Math.floor(seconds + 1e-9);
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = tenths ? (seconds - whole).toFixed(1).slice(1) : "";
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const end = two(whole % 60) + rest;
  return hours > 0 ? `${hours}:${two(minutes)}:${end}` : `${minutes}:${end}`;
}
