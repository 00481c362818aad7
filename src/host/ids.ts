/** Every name that the manifest and the code share. A test asserts that package.json lists the same ones. */

export const commandIds = [
  "glad.train",
  "glad.trainWith",
  "glad.resume",
  "glad.pause",
  "glad.continue",
  "glad.stop",
  "glad.checkpoint",
  "glad.evaluate",
  "glad.zeroShot",
  "glad.classifyImages",
  "glad.newConfiguration",
  "glad.addDataFolder",
  "glad.removeDataFolder",
  "glad.linkDataSet",
  "glad.unlinkDataSet",
  "glad.refreshData",
  "glad.revealData",
  "glad.showClass",
  "glad.checkData",
  "glad.previewSplit",
  "glad.openResults",
  "glad.openLastResults",
  "glad.compareRuns",
  "glad.openLog",
  "glad.revealRun",
  "glad.renameRun",
  "glad.deleteRun",
  "glad.restoreRun",
  "glad.starRun",
  "glad.unstarRun",
  "glad.filterRuns",
  "glad.sortRuns",
  "glad.restoreCheckpoint",
  "glad.exportCheckpoint",
  "glad.deleteCheckpoint",
  "glad.pullModel",
  "glad.doctor",
  "glad.copyDiagnostics",
  "glad.tryDemo",
  "glad.runExperiment",
  "glad.continueExperiment",
  "glad.stopExperiment",
  "glad.openTable",
  "glad.showExperiment",
  "glad.openExperiment",
  "glad.newExperiment",
] as const;
/** What a click on a row of the runs does; nobody else calls it, so the manifest does not name it. */
export const clickCommand = "glad.clickRun";
/** What a quick fix does that lets the user choose a folder. */
export const chooseImagesCommand = "glad.chooseImages";
export type CommandId = (typeof commandIds)[number];

/** The settings and their defaults, all of them of the user's machine. */
export const settingDefaults = {
  "glad.nodePath": "",
  "glad.cudaPath": "",
  "glad.modelCache": "",
  "glad.device": "",
  /** What happens to a run that was started from the editor when no window is open any more. */
  "glad.onWindowClose": "keepRunning" as "keepRunning" | "stopWhenIdle",
  "glad.idleMinutes": 10,
};
export type SettingId = keyof typeof settingDefaults;

/** What `when` and `enablement` clauses ask for. */
export const contextKeys = {
  /** Configurations and runs were looked for: only then a view may say that there are none. */
  hasLooked: "glad.hasLooked",
  hasLookedForData: "glad.hasLookedForData",
  hasConfiguration: "glad.hasConfiguration",
  hasRun: "glad.hasRun",
  hasLive: "glad.hasLive",
  /** A run whose trainer can be asked for something; one that hangs or is to end does nothing of it. */
  hasListening: "glad.hasListening",
  hasRunning: "glad.hasRunning",
  hasPaused: "glad.hasPaused",
  /** A run that its trainer, or a process of its own, can measure. */
  hasMeasurable: "glad.hasMeasurable",
  hasResumable: "glad.hasResumable",
  /** A run without a trainer, whatever it came to. */
  hasEnded: "glad.hasEnded",
  hasCheckpoint: "glad.hasCheckpoint",
  /** A run lies in the trash. */
  hasDeletedRun: "glad.hasDeletedRun",
  /** A run of the user's, not of the demo. */
  hasOwnRun: "glad.hasOwnRun",
  hasDemoRun: "glad.hasDemoRun",
  /** The tree shows only runs that match. */
  hasFilter: "glad.hasFilter",
  /** A panel shows several runs. */
  resultsCompared: "glad.resultsCompared",
  hasDataSet: "glad.hasDataSet",
  /** The user added a folder to the view of data sets. */
  hasAddedFolder: "glad.hasAddedFolder",
  hasExperiment: "glad.hasExperiment",
  hasBegunExperiment: "glad.hasBegunExperiment",
} as const;

export const viewContainer = "glad";
export const dataView = "glad.datasets";
export const runsView = "glad.runs";
/** The type of the results panel. */
export const resultsPanelType = "glad.results";
/** The type of the panels of data sets. */
export const dataPanelType = "glad.data";
/** The type of the panel that shows an experiment's table. */
export const tablePanelType = "glad.table";
export const walkthrough = "glad.start";
