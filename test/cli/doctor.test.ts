import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { diagnose, type Finding } from "../../src/cli/doctor";
import { registerDoctor, report } from "../../src/cli/doctorCommand";
import { builtProbe } from "../runtime/builtProbe";
import { runCommand } from "../support/runCommand";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

const program = builtProbe("doctor");
/** No GPU and no cache of models, whatever this machine has. */
const env: NodeJS.ProcessEnv = {
  ...process.env,
  VK_DRIVER_FILES: "/nowhere.json",
  VK_ICD_FILENAMES: "/nowhere.json",
  GLAD_CUDA_PATH: "",
};

async function prepared(settings: Record<string, unknown> = {}): Promise<string> {
  const folder = temporaryFolder({
    ...emptyImages("images/ant", 8),
    ...emptyImages("images/bee", 8),
    "glad.json": JSON.stringify({
      model: "./clip",
      data: { root: "images", shots: 2 },
      ...settings,
    }),
  });
  const model = join(folder, "clip");
  mkdirSync(model);
  await writeTinyClip(model);
  return join(folder, "glad.json");
}

const find = (findings: readonly Finding[], name: string) =>
  findings.find((finding) => finding.name === name)!;

describe("the diagnosis", () => {
  it("opens the model and the data of a configuration that is fine", async () => {
    const findings = await diagnose(await prepared(), { program, env });
    expect(findings.filter(({ state }) => state === "failed")).toEqual([]);
    expect(find(findings, "sharp").text).toMatch(/^0\.\d+\.\d+ with libvips /);
    expect(find(findings, "model").text).toMatch(
      /\/clip: 2 blocks, patches of 8, images of 24 pixels$/,
    );
    expect(find(findings, "data").text).toMatch(/^2 classes, 4 images to train; to measure: all /);
    expect(find(findings, "config").state).toBe("ok");
  });

  it("says of a model and data that are missing how to get them", async () => {
    const file = await prepared({ model: "nobody/no-clip", data: { root: "nowhere" } });
    const findings = await diagnose(file, { program, env });
    expect(find(findings, "model")).toMatchObject({ state: "failed" });
    expect(find(findings, "model").text).toContain("glad model pull nobody/no-clip");
    expect(find(findings, "data")).toMatchObject({ state: "failed" });
    expect(find(findings, "data").text).toMatch(/nowhere does not exist/);
    expect(find(findings, "data").mend).toMatch(/^`glad data check .*nowhere` says more$/);
  });

  it("says where a run would not fit into memory", async () => {
    const huge = { batchSize: 10_000_000, microBatchSize: 10_000_000 };
    const file = await prepared({ training: huge });
    const findings = await diagnose(file, { program, env });
    expect(find(findings, "needed memory")).toMatchObject({ state: "failed" });
    expect(find(findings, "needed memory").text).toMatch(/^training\.microBatchSize is 10000000/);
  });

  it("goes on where the configuration is wrong", async () => {
    const file = await prepared({ devise: "cpu" });
    const findings = await diagnose(file, { program, env });
    expect(find(findings, "config")).toMatchObject({ state: "failed" });
    expect(find(findings, "config").text).toMatch(/"devise".*did you mean "device"/);
    expect(find(findings, "cpu").state).toBe("ok");
  });

  it("takes under five seconds where every GPU's driver hangs", async () => {
    const file = await prepared();
    const slow = join(file, "../probe.cjs");
    writeFileSync(
      slow,
      `if (JSON.parse(process.argv[2]).device.kind === "cpu") require(${JSON.stringify(program)});
       else setInterval(() => {}, 1000);`,
    );
    const start = performance.now();
    const findings = await diagnose(file, { program: slow, env });
    expect(performance.now() - start).toBeLessThan(5000);
    expect(find(findings, "webgpu")).toMatchObject({
      state: "note",
      text: "not usable: no answer within 2.5 s",
    });
  });
});

describe("glad doctor", () => {
  // The command starts the probe that `npm run build` makes.
  beforeAll(() => {
    const built = join(program, "../probe.js");
    if (existsSync(built)) return;
    copyFileSync(program, `${program}.copy`);
    renameSync(`${program}.copy`, built);
  });

  it("prints lines of 80 columns and ends with 0", async () => {
    const { stdout, exitCode } = await runCommand(registerDoctor, ["doctor", await prepared()]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => line.length > 80 && !line.includes("/"))).toEqual([]);
    expect(lines.at(-1)).toBe("Everything that is needed works.");
    expect(exitCode).toBe(0);
  });

  it("prints JSON and ends with 1 when something that is needed does not work", async () => {
    const file = await prepared({ data: { root: "nowhere" } });
    const { stdout, exitCode } = await runCommand(registerDoctor, ["doctor", file, "--json"]);
    expect(find(JSON.parse(stdout) as Finding[], "data").state).toBe("failed");
    expect(exitCode).toBe(1);
  });
});

it("a report tells what works, what does not, and the cure under it", () => {
  const findings: Finding[] = [
    { name: "node", state: "ok", text: "v20.19.0 on linux x64", mend: null },
    {
      name: "webgpu",
      state: "note",
      text: "not usable: no GPU adapter: Vulkan found no driver",
      mend: `install the GPU's driver with Vulkan (Debian: mesa-vulkan-drivers, or NVIDIA's), or use "cpu"`,
    },
    {
      name: "model",
      state: "failed",
      text: "a/b: is no folder and not in the Hugging Face cache",
      mend: null,
    },
  ];
  expect(report(findings)).toMatchInlineSnapshot(`
    "ok    node    v20.19.0 on linux x64
    --    webgpu  not usable: no GPU adapter: Vulkan found no driver
                  -> install the GPU's driver with Vulkan (Debian:
                     mesa-vulkan-drivers, or NVIDIA's), or use "cpu"
    FAIL  model   a/b: is no folder and not in the Hugging Face cache
    To be mended: model.
    "
  `);
});
