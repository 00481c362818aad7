// A reload of the window in mid-run finds the run going on, its curves complete, zoom and tab as they were.
import {
  channel,
  endTrainer,
  expect,
  reloadWindow,
  resultsIn,
  runEvents,
  runStatus,
  startTraining,
  statusStep,
  until,
  untilDrawn,
} from "../user.mjs";

/** Milliseconds from the extension's start to its knowing the run, and how often that is tried on a busy machine. */
const limit = 2000;
const attempts = 4;

export async function flow({ page, workspace, home }) {
  const frame = await startTraining({ page, workspace });
  await untilDrawn(frame);
  await until("some steps", async () => (await statusStep(page)) > 3);
  await zoom(page, frame);
  const before = runStatus(workspace);
  const again = await reload(page, home);
  await resetZoom(again).waitFor();
  const step = await statusStep(page);
  await until("further steps", async () => (await statusStep(page)) > step);
  expect(runStatus(workspace).pid === before.pid, "another trainer runs after the reload");

  // Without the zoom, the table behind the chart has every step from the first.
  await resetZoom(again).click();
  await again.locator('.chart[data-chart="loss"] .chart-tools vscode-button').first().click();
  const rows = again.locator('.chart[data-chart="loss"] tbody tr');
  const steps = await until("the table", async () => {
    const cells = await rows.locator("th, td:first-child").allInnerTexts();
    return cells.length > 3 ? cells.map((cell) => Number(cell.replaceAll(",", ""))) : null;
  });
  const made = runEvents(workspace).filter(({ type }) => type === "step").length;
  expect(Math.min(...steps) === 1, `the table begins at ${Math.min(...steps)}`);
  expect(steps.length >= Math.min(step, 50), `${steps.length} rows of ${made} steps`);
  await endTrainer(workspace);
  await resultsIn(page, "interrupted");
}

/** Reloads the window until it was attached in time, and gives the results' frame with its curves drawn. */
async function reload(page, home) {
  let own = Infinity;
  for (let i = 0; i < attempts && own >= limit; i++) {
    const started = Date.now();
    await reloadWindow(page);
    const frame = await resultsIn(page, "running");
    await untilDrawn(frame);
    const drawn = Date.now() - started;
    const told = /1 runs, 1 live, read after (\d+) ms, (\d+) ms after the host's start/;
    const [, read, sinceStart] = await until("the host's word", () => told.exec(channel(home)));
    own = Number(read);
    console.log(
      `       reload: attached after ${own} ms, ${sinceStart} ms after the host's start; curves after ${drawn} ms`,
    );
    if (own < limit) return frame;
  }
  throw new Error(`attached after ${own} ms, expected less than ${limit}`);
}

const resetZoom = (frame) => frame.locator("vscode-button", { hasText: "Reset Zoom" });

/** Draws a box along the axis of the loss. */
async function zoom(page, frame) {
  const over = frame.locator('.chart[data-chart="loss"] .u-over');
  const box = await until("the plot's place", () => over.boundingBox());
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 0.1 * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.6 * box.width, y, { steps: 5 });
  await page.mouse.up();
  await resetZoom(frame).waitFor();
}
