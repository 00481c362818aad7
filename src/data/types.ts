/** One image with its class. */
export interface Sample {
  /** Path below the image root, with "/" as separator, as the split file names it. */
  path: string;
  /** Index of the class in the split's `classNames`. */
  label: number;
}

/** A data set split into training, validation and test images, all with the same classes. */
export interface DataSplit {
  /** Absolute folder that the samples' paths are relative to. */
  imageRoot: string;
  /** Name of class i, as it goes into the prompt (underscores already replaced). */
  classNames: string[];
  /** Name of class i as the split file spells it; of a folder of images the same as `classNames`. */
  sourceNames: string[];
  train: Sample[];
  val: Sample[];
  test: Sample[];
}

/** A data set's lists and class names, before any image is looked for. */
export type SplitLists = Omit<DataSplit, "imageRoot">;

/** What a data set or a sample of it holds, told to the user beside the data themselves. */
export interface WithNotes<T> {
  value: T;
  /** Full sentences: what was left out, filled or held out. */
  notes: string[];
}
