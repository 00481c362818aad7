/**
 * What the host needs of the experiments' rules, with the data sets and published numbers behind them; imported by `import()`
 * when somebody first opens an experiment or its table.
 */
export { experimentProblems } from "./experimentProblems";
export { tableOf, tableText } from "./tableText";
