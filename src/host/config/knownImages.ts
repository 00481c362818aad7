import type { DataSetReport } from "../../protocol/dataReport";
import { trainedNames } from "../../protocol/recipes";
import type { DataPlace } from "../data/dataStore";
import { pathFrom } from "./pathFrom";

/** More images are not proposed: who wants others chooses them. */
const most = 3;

/** A data set whose images can be counted. */
export type TrainableSet = DataSetReport & { counts: NonNullable<DataSetReport["counts"]> };

/** The data sets among those that were found that can be trained on. */
export function trainableSets(places: readonly Pick<DataPlace, "sets">[]): TrainableSet[] {
  return places
    .flatMap(({ sets }) => sets)
    .filter((set): set is TrainableSet => {
      const { dataset, counts } = set;
      const isKnown = dataset === "folder" || (trainedNames as readonly string[]).includes(dataset);
      return isKnown && counts !== null && counts.train > 0;
    });
}

/**
 * The settings that make a configuration in a folder take images that were found: those of the data set that it says, and where it
 * says a folder of one's own, which is the default, those of a published one as well.
 */
export function knownImages(
  places: readonly Pick<DataPlace, "sets">[],
  dataset: string,
  folder: string,
): Record<string, unknown>[] {
  const sets = trainableSets(places);
  const same = sets.filter((set) => set.dataset === dataset);
  const others = dataset === "folder" ? sets.filter((set) => set.dataset !== dataset) : [];
  const all = [...same, ...others].map((set) => ({
    "data.root": pathFrom(folder, set.folder),
    ...(set.dataset === dataset ? {} : { "data.dataset": set.dataset }),
  }));
  // A folder may have been found in several ways.
  return [...new Map(all.map((values) => [JSON.stringify(values), values])).values()].slice(
    0,
    most,
  );
}
