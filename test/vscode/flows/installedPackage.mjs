// The package is installed as a person would; the demo is trained from it to the end, with its own native libraries.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { palette, resultsFrame, runStatus, statusStep, until } from "../user.mjs";

export const packaged = true;

export async function flow({ page, workspace, home, shot }) {
  await palette(page, "GLAD: Try the Demo");
  const frame = await resultsFrame(page, "Running");
  await until("curves", () => frame.locator(".uplot canvas").count());
  await until("some steps", async () => (await statusStep(page)) > 3);
  await shot("running");
  const { pid } = runStatus(workspace);
  if (process.platform === "linux") checkLibraries(pid, join(home, "extensions"));
  await resultsFrame(page, "Finished", 200);
  const { state, reason } = runStatus(workspace);
  if (state !== "finished") throw new Error(`the demo is ${state}: ${reason}`);
  console.log(`       ${activation(join(home, "data"))}`);
}

/** A process has loaded onnxruntime and sharp from a folder, and from nowhere else. */
function checkLibraries(pid, folder) {
  const maps = readFileSync(`/proc/${pid}/maps`, "utf8");
  const loaded = [...new Set(maps.match(/\/\S+\/(libonnxruntime|libvips)[\w.-]+/g))];
  const elsewhere = loaded.filter((path) => !path.startsWith(folder));
  if (!loaded.some((path) => path.includes("libonnxruntime")) || elsewhere.length > 0)
    throw new Error(`the trainer has loaded ${loaded.join(", ")}, expected those of ${folder}`);
}

/** What the extension said of its own start. */
function activation(data) {
  const file = readdirSync(data, { recursive: true }).find((path) => path.endsWith("GLAD.log"));
  const log = readFileSync(join(data, file), "utf8");
  return /Loaded in .*/.exec(log)[0];
}
