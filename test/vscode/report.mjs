// Choosing tests by their names, running them, telling and counting how they went.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./suites.mjs";

const results = join(repository, ".tools/results");

/** The tests of these names, or all; ends the program where there is none of a name. */
export function choose(all, names) {
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined)
    return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  console.error(`no test is named "${unknown}"; there are ${known.join(", ")}`);
  process.exit(2);
}

/**
 * Runs tests and gives the sum of their counts. Each is { name, run(given), alone?, waits? }, whose `run` gives
 * { passed, failed, skipped } or throws. So many are at work `together`, and beside them, one by one, those that mostly wait; those
 * that are to be `alone` come after the others, one by one.
 */
export async function runAll(tests, given, together = 1) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const waiting = tests.filter(({ waits }) => waits);
  const shared = tests.filter(({ alone, waits }) => !alone && !waits);
  const alone = tests.filter((test) => test.alone);
  await Promise.all([runEach(waiting), ...Array.from({ length: together }, () => runEach(shared))]);
  await runEach(alone);
  return total;

  async function runEach(left) {
    for (let test = left.shift(); test; test = left.shift()) await runOne(test);
  }

  async function runOne({ name, run }) {
    const started = Date.now();
    try {
      const counts = await run(given);
      for (const key of Object.keys(total)) total[key] += counts[key];
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(`${counts.failed > 0 ? "FAILED" : "ok    "} ${name} (${seconds} s)`);
    } catch (error) {
      total.failed += 1;
      console.log(`FAILED ${name}: ${error.stack}`);
    }
  }
}

/** Tells a runner's counts, leaves them for whoever adds up (.ci/run), and ends the program. */
export function end(runner, total) {
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${runner}.json`), JSON.stringify(total));
  const { passed, failed, skipped } = total;
  console.log(`test:${runner}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed > 0 ? 1 : 0);
}

/** Lets a suite run that writes its counts into the file it is given, and gives them. */
export async function countsOf(name, run) {
  mkdirSync(results, { recursive: true });
  const file = join(results, `suite-${name}.json`);
  rmSync(file, { force: true });
  await run(file);
  if (!existsSync(file)) throw new Error("the suite did not run to its end");
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Whether mocha says a text; the workbench's own words are no part of the report. */
export function isReport(text) {
  return /^(\s*(✔|✓|\d+\)|\d+ (passing|failing)|at |[+-] |\w*Error)| {2})/.test(text);
}
