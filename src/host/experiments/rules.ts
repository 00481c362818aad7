/**
 * What the host needs of the experiments' rules, with the data sets and published numbers behind them: a bundle of its
 * own (dist/experimentRules.js), which is loaded when somebody first opens an experiment or its table.
 */
export { experimentProblems } from "./experimentProblems";
export { tableOf, tableText } from "./tableText";
