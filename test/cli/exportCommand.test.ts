import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test, vi } from "vitest";
import { registerExport } from "../../src/cli/exportCommand";
import type * as onnxClassifier from "../../src/train/onnxClassifier";
import type { Exported } from "../../src/train/exportModel";
import { glad } from "../support/glad";
import { runCommand } from "../support/runCommand";
import { setReadOnly, smallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyRun } from "../support/tinyRun";

/** Happens when the written classifier is about to be compared. */
const comparing = vi.hoisted(() => ({ now: (): void => undefined }));
vi.mock("../../src/train/onnxClassifier", async (actual) => {
  const real = await actual<typeof onnxClassifier>();
  const classify: typeof real.classify = (...of) => {
    comparing.now();
    return real.classify(...of);
  };
  return { ...real, classify };
});

test("glad export writes a model that glad train takes, and says what it wrote", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  const early = await glad(folder, "export", "latest", "early");
  expect(early).toMatchObject({ code: 1, stdout: "" });
  expect(early.stderr).toMatch(/: has no checkpoint yet; `glad checkpoint` asks a running one/);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);

  const { code, stdout, stderr } = await glad(folder, "export", "latest", "owls");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.replace(/\S+e-\d+/, "DIFFERENCE").replace(/\d\.\d MiB/, "SIZE")).toBe(
    `checkpoint  .glad/runs/${basename(paths.folder)}/checkpoints/step-000012
written     owls, SIZE
classifier  owls/classifier.onnx, 4 classes
checked     its probabilities are the adapted CLIP's within DIFFERENCE
use         README.md there shows how; "model" in glad.json takes the folder,
            too
`,
  );
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(readFileSync(join(folder, "owls", "README.md"), "utf8")).toMatch(/^# owls$/m);
  expect((await glad(folder, "model", "check", "owls")).stdout).toMatch(/^layout +Hugging Face$/m);

  const again = await glad(folder, "export", "latest", "owls");
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toMatch(/owls: holds files already; name a folder that is new or empty\n$/);
  const checkpoint = join(paths.checkpoints, "step-000012");
  const json = await glad(folder, "export", checkpoint, "two", "--classes", "a cat,it", "--json");
  const exported = JSON.parse(json.stdout) as Exported;
  expect(exported).toMatchObject({
    folder: join(folder, "two"),
    checkpoint,
    classes: ["a cat", "it"],
  });
  const few = await glad(folder, "export", "latest", "one", "--batch", "0");
  expect(few).toMatchObject({ code: 1, stdout: "" });
  expect(few.stderr).toContain("expected a whole number from 1 to 256");
});

test("an export that is stopped while it is compared ends at once and leaves nothing", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith("owls"));
  const found: string[][] = [];
  comparing.now = () => {
    found.push(left());
    process.emit("SIGTERM");
  };
  const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
    // Nothing else would be done.
    found.push(left(), [String(code)]);
    throw new Error("the end");
  });
  try {
    const args = ["export", paths.folder, join(folder, "owls")];
    await expect(runCommand(registerExport, args)).rejects.toThrow("the end");
  } finally {
    exit.mockRestore();
  }
  expect(found).toEqual([[`owls.${process.pid}.partial`], [], ["130"]]);
});

test("an export that is stopped and cannot be removed says what is left", async () => {
  const disk = smallDisk(5000, "an export that cannot be removed");
  if (disk === null) return;
  const { paths } = await tinyRun(temporaryFolder());
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  comparing.now = () => {
    setReadOnly(disk, true);
    process.emit("SIGINT");
  };
  const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
    // The spy that is there already.
    const said = vi.spyOn(process.stderr, "write").mock.calls.join("");
    throw new Error(`${String(code)}: ${said}`);
  });
  try {
    const args = ["export", paths.folder, join(disk, "owls")];
    await expect(runCommand(registerExport, args)).rejects.toThrow(
      /^130: Stopped; \S+owls\.\d+\.partial is half-written and could not be removed; delete it\.\n$/,
    );
  } finally {
    exit.mockRestore();
  }
});

test("an export that the disk has no room for leaves nothing there", async () => {
  const disk = smallDisk(48, "an export on a full disk");
  if (disk === null) return;
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  const full = await glad(folder, "export", "latest", join(disk, "owls"));
  expect(full).toMatchObject({ code: 1, stdout: "" });
  expect(full.stderr).toMatch(/owls.*: the disk is full; free some space and try again\n$/);
  expect(readdirSync(disk)).toEqual([]);
  setReadOnly(disk, true);
  for (const place of ["owls", "birds/owls"]) {
    const refused = await glad(folder, "export", "latest", join(disk, place));
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      /^\S+owls: cannot be written \(EROFS.*\): the disk is read-only; choose another folder\n$/,
    );
  }
});

test("an empty disk is a folder to export into", async () => {
  const disk = smallDisk(5000, "an export into the root of a disk");
  if (disk === null) return;
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(await glad(folder, "export", "latest", disk)).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(disk)).toContain("classifier.onnx");
  expect(readdirSync(disk).filter((name) => name.includes("partial"))).toEqual([]);
});
