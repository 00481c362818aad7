// Adds up what the runners counted: `summary.mjs NAME=EXITCODE...` reads `.tools/results/NAME.json` of each. A runner that failed
// before it counted a failure is one failure.
import { existsSync, readFileSync } from "node:fs";

const total = { passed: 0, failed: 0, skipped: 0 };
for (const argument of process.argv.slice(2)) {
  const [name, code] = argument.split("=");
  const counts = countsOf(`.tools/results/${name}.json`);
  if (code !== "0" && counts.failed === 0) counts.failed = 1;
  console.log(`${name}: ${line(counts)}`);
  for (const key of Object.keys(total)) total[key] += counts[key];
}
console.log(line(total));
process.exit(total.failed > 0 ? 1 : 0);

/** The counts of our own form, or of vitest's. */
function countsOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const found = JSON.parse(readFileSync(file, "utf8"));
  if (!("numTotalTests" in found)) return found;
  return {
    passed: found.numPassedTests,
    failed: found.numFailedTests,
    skipped: found.numPendingTests + found.numTodoTests,
  };
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
