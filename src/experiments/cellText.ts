import { differenceText } from "../protocol/difference";
import { lacksSeeds, type Value } from "../protocol/table";

/** `85.05 ± 0.31`, with another sign between where that is wanted. */
export function valueText(value: Value | null, sign = " ± ", none = "-"): string {
  if (value === null) return none;
  const { mean, deviation } = value;
  return mean.toFixed(2) + (deviation === null ? "" : `${sign}${deviation.toFixed(2)}`);
}

/** ` (2/3)` where seeds are missing in a number; otherwise empty. */
export function seedsText(value: Value | null): string {
  if (value === null || !lacksSeeds(value)) return "";
  return ` (${value.seeds!.there}/${value.seeds!.of})`;
}

/** `+0.62`; empty where there is nothing to compare with. */
export function changeText(difference: number | null): string {
  return difference === null ? "" : differenceText(difference);
}
