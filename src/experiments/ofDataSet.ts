/** A sentence on a data set of a run's configuration in the words of an experiment's file, where its folder is "root". */
export function ofDataSet(sentence: string): string {
  return sentence
    .replace(/^(?:data|evaluation\.targets\[\d+\])\.root: /, "root: ")
    .replace(/ as (?:data|evaluation\.targets\[\d+\])\.root$/, ' as its "root"');
}
