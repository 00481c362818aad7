import { newConfiguration } from "../config/newConfiguration";
import { newExperiment } from "../experiments/newExperiment";
import type { CommandId } from "../ids";
import type { Services } from "../services";
import { classifyImages } from "./classify";
import { deleteCheckpoint, restoreCheckpoint } from "./checkpoints";
import { exportCheckpoint } from "./exportCheckpoint";
import { request, stop } from "./control";
import {
  addDataFolder,
  checkData,
  linkDataSet,
  previewSplit,
  refreshData,
  removeDataFolder,
  revealData,
  showClass,
  unlinkDataSet,
} from "./data";
import { copyDiagnostics, doctor } from "./doctor";
import {
  continueExperiment,
  openExperiment,
  openTable,
  runExperiment,
  showExperiment,
  stopExperiment,
} from "./experiments";
import { compareRuns, openLastResults, openResults } from "./results";
import { deleteRun, openLog, renameRun, revealRun } from "./runFiles";
import { filterRuns, sortRuns, star } from "./runList";
import { evaluate, pullModel, tryDemo, zeroShot } from "./tools";
import { resume, train, trainWith } from "./train";
import { restoreRun } from "./trash";

/** What a command does with what it was given: an item of a tree, an address, or nothing. */
export type Handler = (services: Services, given: unknown, selected: unknown) => Promise<unknown>;

/** Every command of the manifest. */
export const commandTable: Readonly<Record<CommandId, Handler>> = {
  "glad.train": train,
  "glad.trainWith": trainWith,
  "glad.resume": resume,
  "glad.pause": request("pause", "running"),
  "glad.continue": request("continue", "paused"),
  "glad.stop": stop,
  "glad.checkpoint": request("checkpoint"),
  "glad.evaluate": evaluate,
  "glad.zeroShot": zeroShot,
  "glad.classifyImages": classifyImages,
  "glad.newConfiguration": newConfiguration,
  "glad.addDataFolder": addDataFolder,
  "glad.removeDataFolder": removeDataFolder,
  "glad.linkDataSet": linkDataSet,
  "glad.unlinkDataSet": unlinkDataSet,
  "glad.refreshData": refreshData,
  "glad.revealData": revealData,
  "glad.showClass": showClass,
  "glad.checkData": checkData,
  "glad.previewSplit": previewSplit,
  "glad.openResults": openResults,
  "glad.openLastResults": openLastResults,
  "glad.compareRuns": compareRuns,
  "glad.openLog": openLog,
  "glad.revealRun": revealRun,
  "glad.renameRun": renameRun,
  "glad.deleteRun": deleteRun,
  "glad.restoreRun": restoreRun,
  "glad.starRun": star(true),
  "glad.unstarRun": star(false),
  "glad.filterRuns": filterRuns,
  "glad.sortRuns": sortRuns,
  "glad.restoreCheckpoint": restoreCheckpoint,
  "glad.exportCheckpoint": exportCheckpoint,
  "glad.deleteCheckpoint": deleteCheckpoint,
  "glad.pullModel": pullModel,
  "glad.doctor": doctor,
  "glad.copyDiagnostics": copyDiagnostics,
  "glad.tryDemo": tryDemo,
  "glad.runExperiment": runExperiment,
  "glad.continueExperiment": continueExperiment,
  "glad.stopExperiment": stopExperiment,
  "glad.openTable": openTable,
  "glad.showExperiment": showExperiment,
  "glad.openExperiment": openExperiment,
  "glad.newExperiment": newExperiment,
};
