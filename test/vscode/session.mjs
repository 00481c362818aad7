// One test's surroundings: a fresh workspace, server and page, all gone afterwards.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startServer } from "./server.mjs";
import { repository } from "./suites.mjs";

/** Where screenshots are kept. */
export const shots = join(repository, ".tools/screenshots");

/**
 * Does `work` with a session, and keeps a screenshot of how it ended. `files` (path to text) lie in the workspace, `options` are the
 * server's (server.mjs). The session: `page` (Playwright), `workspace` and `home` (folders), `address(payload, folder)` of the editor
 * with the extension, `remote(path)` as the editor names it, `shot(what)` keeps a screenshot, `browser` for further windows.
 */
export async function inSession(browser, name, { files = {}, options = {} }, work) {
  const home = mkdtempSync(join(tmpdir(), "glad-vscode-"));
  const workspace = join(home, "workspace");
  mkdirSync(workspace);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), text);
  }
  const server = await startServer(home, options);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const development = ["extensionDevelopmentPath", server.remote(repository)];
  const shot = (what) => page.screenshot({ path: join(shots, `${name}-${what}.png`) });
  try {
    const address = (payload = [], folder = workspace) =>
      server.address(folder, [development, ["skipWelcome", "true"], ...payload]);
    const session = { page, workspace, home, address, remote: server.remote, shot, browser };
    return await Promise.race([work(session), late()]);
  } finally {
    await shot("end");
    await page.close();
    server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Rejects once a test has taken too long. */
function late() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("no end after five minutes")), 300_000).unref();
  });
}
