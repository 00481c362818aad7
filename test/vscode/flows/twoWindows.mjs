// Two windows on one folder: the second sees the same steps without doing anything to the run, and may stop it.
import {
  endTrainer,
  expect,
  openResults,
  press,
  resultsIn,
  runStatus,
  startTraining,
  until,
} from "../user.mjs";

export async function flow({ page, workspace, address, browser }) {
  const first = await startTraining({ page, workspace });
  const { pid, nonce } = await until("some steps", () => {
    const status = runStatus(workspace);
    return status.step > 2 ? status : null;
  });
  const other = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  try {
    await other.goto(address());
    await openResults(other);
    const second = await resultsIn(other, "running");
    await until("the same step in both", async () => {
      const [a, b] = await Promise.all([stepOf(first), stepOf(second)]);
      return a === b && a !== "";
    });
    const now = runStatus(workspace);
    expect(now.pid === pid && now.nonce === nonce, "the second window started another trainer");
    // Both at once: one stop is made, with a checkpoint.
    await Promise.all([press(first, "Stop"), press(second, "Stop")]);
    await Promise.all([resultsIn(page, "stopped"), resultsIn(other, "stopped")]);
    const { state, reason } = runStatus(workspace);
    expect(state === "stopped" && /can be resumed/.test(reason), `${state}: ${reason}`);
  } finally {
    await other.close();
    await endTrainer(workspace);
  }
}

const stepOf = (frame) => frame.locator(".fact dd").first().innerText();
