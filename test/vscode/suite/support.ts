import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { Services } from "../../../src/host/services";

/** Starts the extension and gives its services, through which a suite answers questions in the user's stead. */
export async function activate(): Promise<Services> {
  return vscode.extensions.getExtension<Services>("glad.glad")!.activate();
}

/** A file of the workspace that the suite has to itself. */
export function inWorkspace(...path: string[]): vscode.Uri {
  return vscode.Uri.file(join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, ...path));
}

/** Writes a file of the workspace, with its folders. */
export function writeInWorkspace(path: string, text: string): void {
  const { fsPath } = inWorkspace(path);
  mkdirSync(dirname(fsPath), { recursive: true });
  writeFileSync(fsPath, text);
}

/**
 * Waits until something holds and gives it, looking every so many milliseconds; at most two minutes, because machines of tests are
 * busy.
 */
export async function until<T>(
  what: string,
  look: () => T,
  milliseconds = 50,
): Promise<NonNullable<T>> {
  for (const end = Date.now() + 120_000; ;) {
    const found = look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((settle) => setTimeout(settle, milliseconds));
  }
}

/** The demo's configuration, whose pictures are drawn once for all tests. */
export interface Demo {
  model: string;
  data: { root: string };
  training: object;
  output: string;
}

/** The settings of the demo, with its runs in the workspace. */
export async function demoSettings({ context, program }: Services): Promise<Demo> {
  const drawn = join(context.extensionPath, ".tools/demo");
  const output = inWorkspace(".glad").fsPath;
  const args = ["demo", "prepare", drawn, "--output", output];
  const { stdout } = await program.must(args, { cwd: inWorkspace().fsPath });
  const { config } = JSON.parse(stdout) as { config: string };
  const settings = JSON.parse(readFileSync(config, "utf8").replace(/^\/\/.*\n/, "")) as Demo;
  // Another test may have had them written for its own runs since.
  return { ...settings, output };
}

/** Starts a training of the demo with so many steps; gives the run's folder. */
export async function trainDemo(services: Services, steps: number): Promise<string> {
  const demo = await demoSettings(services);
  const settings = { ...demo, training: { ...demo.training, steps } };
  writeInWorkspace("demo.glad.json", JSON.stringify(settings));
  return vscode.commands.executeCommand<string>("glad.train", inWorkspace("demo.glad.json"));
}
