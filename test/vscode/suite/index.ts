import { join } from "node:path";
import Mocha from "mocha";

/** Called by VS Code in its extension host; rejects where a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 90_000, color: false, bail: false });
  mocha.addFile(join(__dirname, "extension.test.js"));
  const failures = await new Promise<number>((settle) => mocha.run(settle));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
