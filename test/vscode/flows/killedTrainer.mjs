// kill -9 of the trainer: the run is interrupted, says so, and Resume goes on from its last checkpoint.
import {
  endTrainer,
  expect,
  press,
  resultsIn,
  runEvents,
  runStatus,
  startTraining,
  until,
} from "../user.mjs";

export async function flow({ page, workspace, shot }) {
  const running = await startTraining({ page, workspace });
  await until("some steps", () => runStatus(workspace).step > 2);
  await press(running, "Checkpoint");
  const saved = await until("the checkpoint", () =>
    runEvents(workspace).find(({ type }) => type === "saved"),
  );
  const { pid } = runStatus(workspace);
  process.kill(pid, "SIGKILL");
  const interrupted = await resultsIn(page, "interrupted");
  await interrupted.getByText("The run was interrupted at step").waitFor();
  await page.locator('.monaco-list-row[aria-label*="interrupted"]').waitFor();
  await shot("interrupted");
  await press(interrupted, "Resume");
  await resultsIn(page, "running");
  const started = await until("the resumption", () =>
    runEvents(workspace).findLast((event) => event.type === "started" && event.resumed),
  );
  expect(started.step >= saved.step, `resumed at ${started.step}, saved at ${saved.step}`);
  expect(runStatus(workspace).pid !== pid, "the same trainer runs");
  await endTrainer(workspace);
}
