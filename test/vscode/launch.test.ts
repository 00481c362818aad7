import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

interface Launch {
  name: string;
  program?: string;
  args: string[];
  preLaunchTask?: string;
}

interface Task {
  label: string;
  script?: string;
  command?: string;
  args?: string[];
  dependsOn?: string;
}

const root = resolve(__dirname, "../..");
const read = (file: string): unknown => JSON.parse(readFileSync(resolve(root, file), "utf8"));
const { configurations, inputs } = read(".vscode/launch.json") as {
  configurations: Launch[];
  inputs: { id: string }[];
};
const { tasks } = read(".vscode/tasks.json") as { tasks: Task[] };
const { scripts } = read("package.json") as { scripts: Record<string, string> };
const labels = tasks.map(({ label }) => label);

test("every task runs a script of the manifest or a program, after tasks that there are", () => {
  for (const { label, script, command, dependsOn } of tasks) {
    expect(script === undefined ? command : scripts[script], label).toBeTruthy();
    if (dependsOn !== undefined) expect(labels).toContain(dependsOn);
  }
});

test("what is launched is there once its task has run", () => {
  const suites = tasks.find(({ label }) => label === "suites")!;
  const built = spawnSync(suites.command!, suites.args, { cwd: root, encoding: "utf8" });
  expect(built).toMatchObject({ status: 0, stderr: "" });
  for (const { name, program, args, preLaunchTask } of configurations) {
    if (preLaunchTask !== undefined) expect(labels, name).toContain(preLaunchTask);
    const files = [program, ...args]
      .flatMap((text) => /\$\{workspaceFolder\}\/.*\.m?js$/.exec(text ?? "") ?? [])
      .map((path) => path.replace("${workspaceFolder}", root));
    for (const file of files) expect(existsSync(file), `${name}: ${file}`).toBe(true);
  }
});

test("every question of a launch is asked", () => {
  const asked = JSON.stringify(configurations).matchAll(/\$\{input:(\w+)\}/g);
  expect([...asked].map(([, id]) => id)).toEqual(inputs.map(({ id }) => id));
});
