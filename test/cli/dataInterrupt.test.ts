import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CheckEvent } from "../../src/protocol/dataReport";
import { startGlad, until } from "../support/glad";
import { writePictures } from "../support/tinyRun";
import { temporaryFolder } from "../support/temporaryFolder";

/** A folder with thousands of images by class, which take seconds to check. */
async function manyImages(): Promise<string> {
  const folder = temporaryFolder();
  await writePictures(join(folder, "few"), 1);
  for (const name of ["cat", "dog"]) {
    mkdirSync(join(folder, "many", name), { recursive: true });
    const picture = join(folder, `few/train/${name}/train-0.png`);
    for (let i = 0; i < 5000; i++) copyFileSync(picture, join(folder, "many", name, `${i}.png`));
  }
  return folder;
}

test.skipIf(process.platform === "win32")(
  "Ctrl-C ends a check at once, with one line and exit code 130, and leaves nothing at work",
  async () => {
    const folder = await manyImages();
    const args = ["data", "check", "many", "--offline", "--progress", "json"];
    const { child, ended, stderr } = startGlad(folder, args);
    await until(() => stderr().includes('"progress"'), "the first images");
    const asked = performance.now();
    child.kill("SIGINT");
    // Its output ends only when everything ends that it started.
    const { code, stdout } = await ended;
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(code).toBe(130);
    expect(child.signalCode).toBeNull();
    // What was not found out is not reported.
    expect(stdout).toBe("");
    const lines = stderr().trimEnd().split("\n");
    const events = lines.slice(0, -1).map((line) => JSON.parse(line) as CheckEvent);
    expect(lines.at(-1)).toBe("Stopped before the end of the check.");
    for (const event of events) {
      expect(event).toMatchObject({ type: "progress", total: 10_000 });
      if (event.type === "progress") expect(event.done).toBeLessThan(10_000);
    }
  },
);
