import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { startGlad } from "../support/glad";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyRun } from "../support/tinyRun";
import { until } from "../support/until";

/** What a script that measures for ever prints on a terminal, and how Ctrl-C ends it. */
async function interruptedMeasurement(): Promise<{ code: number | null; printed: string }> {
  const folder = temporaryFolder({
    "measure.ts": `
      import { withProgress } from ${JSON.stringify(resolve("src/cli/withProgress"))};
      process.stderr.isTTY = true;
      setInterval(() => undefined, 1000);
      void withProgress(() => new Promise(() => undefined));`,
  });
  const outfile = join(folder, "measure.js");
  buildSync({
    entryPoints: [join(folder, "measure.ts")],
    outfile,
    bundle: true,
    platform: "node",
  });
  const child = spawn(process.execPath, [outfile], { stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.on("data", (part: Buffer) => (printed += part.toString()));
  await until(() => printed.includes("measuring for"), "the line of progress");
  child.kill("SIGINT");
  const code = await new Promise<number | null>((settle) => child.on("close", settle));
  return { code, printed };
}

test.skipIf(process.platform === "win32")(
  "Ctrl-C ends a measurement with 130 and leaves no line of progress behind",
  async () => {
    const { code, printed } = await interruptedMeasurement();
    expect(code).toBe(130);
    expect(printed.slice(-"0 s\r\u001b[K".length)).toMatch(/^\d s\r.\[K$/);
  },
);

test.skipIf(process.platform === "win32")("Ctrl-C ends glad predict with 130", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  mkdirSync(join(folder, "many"));
  const picture = join(folder, "images/train/cat/train-0.png");
  for (let i = 0; i < 5000; i++) copyFileSync(picture, join(folder, "many", `${i}.png`));
  const args = ["predict", "latest", "many", "--progress", "json"];
  const { child, ended, stderr } = startGlad(folder, args);
  await until(() => stderr().includes(`"doing"`), "the first images");
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 130, stdout: "" });
});
