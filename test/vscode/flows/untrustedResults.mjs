// An untrusted workspace shows the results of its runs, and offers nothing that would change or start one.
import { expect, openResults, prepareDemo, resultsIn, trained, untilDrawn } from "../user.mjs";

export const options = { trust: false };

const settings = { training: { steps: 6, augment: false }, evaluation: { every: 3 } };

export async function prepare({ workspace }) {
  await trained(await prepareDemo(workspace, settings));
}

export async function flow({ page, shot }) {
  await openResults(page);
  const frame = await resultsIn(page, "finished");
  await untilDrawn(frame);
  await frame.getByText("This workspace is not trusted").waitFor();
  const actions = await frame.locator(".run-header .actions vscode-button:visible").count();
  expect(actions === 0, `${actions} buttons are offered`);
  await shot("results");
}
