import { Command } from "commander";
import { refuseForeignLibraries } from "../runtime/nativeLibraries";
import { version } from "../util/version";
import { prepareForCuda } from "./cudaProcess";
import { registerConfig } from "./configCommand";
import { registerControl } from "./controlCommands";
import { registerData } from "./dataCommand";
import { registerDemo } from "./demoCommand";
import { registerDoctor } from "./doctorCommand";
import { registerEvaluate } from "./evaluateCommand";
import { registerExperiment } from "./experimentCommand";
import { registerExport } from "./exportCommand";
import { registerModel } from "./modelCommand";
import { registerPredict } from "./predictCommand";
import { registerQueue } from "./queueCommand";
import { registerResume } from "./resumeCommand";
import { registerRuns } from "./runsCommand";
import { registerSplit } from "./splitCommand";
import { registerStep } from "./stepCommand";
import { registerTrain } from "./trainCommand";
import { registerZeroShot } from "./zeroShotCommand";

/** Commands that open the model in their own process; others leave that to a trainer, which is started with CUDA's folders. */
const computing = new Set(["evaluate", "zero-shot", "predict", "step"]);

/** All of `glad`'s commands. A mistake in the arguments is thrown as a CommanderError after it was told. */
export function createProgram(): Command {
  const program = new Command("glad")
    .description("Adapts CLIP to few images with LoRA and GLAD.")
    .version(version)
    // Settings are inherited by commands that are added later only.
    .exitOverride()
    .addHelpText("after", help)
    // The doctor says the same among its findings.
    .hook("preAction", async (_, command) => {
      if (command.name() !== "doctor") refuseForeignLibraries();
      if (computing.has(command.name())) await prepareForCuda();
    });
  registerTrain(program);
  registerResume(program);
  registerEvaluate(program);
  registerZeroShot(program);
  registerPredict(program);
  registerExport(program);
  registerRuns(program);
  registerControl(program);
  registerExperiment(program);
  registerQueue(program);
  registerSplit(program);
  registerData(program);
  registerConfig(program);
  registerModel(program);
  registerDoctor(program);
  registerStep(program);
  registerDemo(program);
  return program;
}

const help = `
A run is a folder below .glad/runs. Commands that take a RUN understand its id,
the beginning of it, its folder, or "latest".

  glad train                       train as glad.json says
  glad train --set lora.rank=4     with one setting changed
  glad stop latest                 end it after the present step
  glad resume latest               go on from its last checkpoint

Exit codes: 0 done, 1 a mistake to mend, 2 a failure, 130 stopped.`;
