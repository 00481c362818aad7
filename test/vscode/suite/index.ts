import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

/** Called by VS Code in its extension host; rejects where a test failed. What it is to run stands in the environment (suites.mjs). */
export async function run(): Promise<void> {
  const { GLAD_VSCODE_SUITE: suite, GLAD_VSCODE_RESULT: result } = process.env;
  const mocha = new Mocha({ ui: "bdd", timeout: 240_000, color: false, bail: false });
  mocha.addFile(join(__dirname, suite!));
  const { stats } = await new Promise<Mocha.Runner>((settle) => {
    const runner = mocha.run(() => settle(runner));
  });
  const { passes: passed, failures: failed, pending: skipped } = stats!;
  writeFileSync(result!, JSON.stringify({ passed, failed, skipped }));
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
