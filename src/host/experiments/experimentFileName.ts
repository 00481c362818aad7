/** Whether a path is that of an experiment: `<anything>.experiment.json`. */
export function isExperimentFile(path: string): boolean {
  return /[^\\/]\.experiment\.json$/.test(path);
}
