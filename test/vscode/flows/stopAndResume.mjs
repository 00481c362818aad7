// Stop and Resume on the results page: the run goes on from the step at which it stopped, without a gap. When its folder is moved away
// the page says so, and shows it again when it is back.
import { renameSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  endTrainer,
  expect,
  press,
  resultsFrame,
  resultsIn,
  runEvents,
  runFile,
  runStatus,
  startTraining,
  until,
} from "../user.mjs";

export async function flow({ page, workspace }) {
  const running = await startTraining({ page, workspace });
  await until("some steps", () => runStatus(workspace).step > 3);
  await press(running, "Stop");
  const stopped = await resultsIn(page, "stopped");
  const { step, state } = runStatus(workspace);
  expect(state === "stopped", `status.json says ${state}`);
  await press(stopped, "Resume");
  await resultsIn(page, "running");
  await until("further steps", () => runStatus(workspace).step > step + 2);
  const steps = runEvents(workspace).flatMap((event) => (event.type === "step" ? event.step : []));
  expect(
    steps.every((each, i) => each === i + 1),
    `the steps are not in order: ${steps}`,
  );
  await endTrainer(workspace);

  await resultsIn(page, "interrupted");
  const folder = dirname(runFile(workspace, "status.json"));
  const aside = join(workspace, "aside");
  renameSync(folder, aside);
  await resultsFrame(page, "The run is not there any more");
  renameSync(aside, folder);
  await resultsIn(page, "interrupted");
}
