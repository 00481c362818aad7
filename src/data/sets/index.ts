import { UserError } from "../../util/errors";
import { isSlip, nearest } from "../../util/nearest";
import { caltech101 } from "./caltech101";
import type { DataSet } from "./dataSet";
import { dtd } from "./dtd";
import { eurosat } from "./eurosat";
import { fgvcAircraft } from "./fgvcAircraft";
import { flowers102 } from "./flowers102";
import { food101 } from "./food101";
import { imagenet } from "./imagenet";
import { imagenetA } from "./imagenetA";
import { imagenetR } from "./imagenetR";
import { imagenetSketch } from "./imagenetSketch";
import { imagenetV2 } from "./imagenetV2";
import { oxfordPets } from "./oxfordPets";
import { stanfordCars } from "./stanfordCars";
import { sun397 } from "./sun397";
import { ucf101 } from "./ucf101";

/** The data sets of base-to-novel, in the order of the papers' tables; all but the first are targets of cross-dataset. */
export const trainedSets: readonly DataSet[] = [
  imagenet,
  caltech101,
  oxfordPets,
  stanfordCars,
  flowers102,
  food101,
  fgvcAircraft,
  sun397,
  dtd,
  eurosat,
  ucf101,
];

/** The data sets that show how ImageNet's classes are recognised elsewhere; they have test images only. */
export const shiftedSets: readonly DataSet[] = [imagenetV2, imagenetSketch, imagenetA, imagenetR];

/** Every data set that is read by name. To add one: a file beside this one, and a line here. */
export const dataSets: readonly DataSet[] = [...trainedSets, ...shiftedSets];

/**
 * The data set that `data.dataset` (or another setting or argument) names, by any name that it goes by, without case,
 * dashes and underscores. `others` are what else could be named there.
 */
export function findDataSet(
  name: string,
  setting = "data.dataset",
  others: readonly string[] = setting === "data.dataset" ? ["folder"] : [],
): DataSet {
  const found = dataSets.find((set) =>
    [set.name, set.title, ...set.aliases, ...set.layouts.map(({ folder }) => folder)].some(
      (known) => plain(known) === plain(name),
    ),
  );
  if (found) return found;
  const names = [...others, ...dataSets.map((set) => set.name)];
  const best = nearest(plain(name), names.map(plain))!;
  const meant = isSlip(plain(name), best.distance)
    ? names.find((each) => plain(each) === best.name)!
    : null;
  const said = meant === null ? "known" : `the nearest is "${meant}", and known`;
  throw new UnknownSetError(
    `${setting}: unknown data set "${name}"; ${said} are ${names.map((each) => `"${each}"`).join(", ")}`,
    meant,
  );
}

/** A name that no data set has; `meant` is the one that was probably meant. */
export class UnknownSetError extends UserError {
  constructor(
    message: string,
    readonly meant: string | null,
  ) {
    super(message);
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, "");
}
