import { join } from "node:path";
import { writeAtomically } from "../util/writeAtomically";
import { demoModelFolder } from "./demoModel";
import { drawTask } from "./task";

/** Test pictures of each class: enough for a curve, few enough to measure them often. */
const tests = 10;

/**
 * Draws the demo's pictures below `folder`, unless they are there, and writes beside them `demo.glad.json`: one run by
 * GLAD that shows its curves within seconds on any processor. Gives the path of that file.
 */
export async function prepareDemo(folder: string, output: string): Promise<string> {
  const { photos } = await drawTask(folder, tests, () => undefined);
  const settings = {
    name: "demo",
    model: demoModelFolder(),
    data: { root: photos, dataset: "folder", shots: 16 },
    protocol: "base-to-novel",
    // A small model on few steps wants a larger rate than CLIP's.
    optimizer: { learningRate: 4e-3 },
    // Random crops would cut the small things out of these small pictures.
    training: { steps: 200, augment: false },
    evaluation: { every: 40 },
    checkpoints: { every: 40, keepLast: 3 },
    device: "cpu",
    output,
  };
  const file = join(folder, "demo.glad.json");
  const text = `// The demo of GLAD: a tiny CLIP adapted to drawn things. Run it with "GLAD: Train".\n${JSON.stringify(settings, null, 2)}\n`;
  await writeAtomically(file, (handle) => handle.writeFile(text));
  return file;
}
