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
  train: Sample[];
  val: Sample[];
  test: Sample[];
}
