// One test's surroundings: a fresh workspace, server and page, all gone afterwards.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installPackage, startServer } from "./server.mjs";
import { repository } from "./suites.mjs";

/** Where screenshots are kept. */
export const shots = join(repository, ".tools/screenshots");

/**
 * Does `work` with a session, and keeps a screenshot of how it ended. `files` (path to text) lie in the workspace, `options` are the
 * server's (server.mjs), `packaged` installs the extension's package in place of the repository. The session: `page` (Playwright), `workspace` and `home` (folders), `address(payload, folder)` of the editor
 * with the extension, `remote(path)` as the editor names it, `shot(what)` keeps a screenshot, `browser` for further windows.
 */
export async function inSession(browser, name, surroundings, work) {
  const { files = {}, options = {}, packaged = false } = surroundings;
  const home = mkdtempSync(join(tmpdir(), "glad-vscode-"));
  const workspace = join(home, "workspace");
  mkdirSync(workspace);
  // The processors' places for runs are handed out there (src/executors/slots.ts): tests at the same time do not wait for each other.
  const temporary = join(home, "tmp");
  mkdirSync(temporary);
  const environment = { TMPDIR: temporary, ...options.environment };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), text);
  }
  if (packaged) await installPackage(home);
  const server = await startServer(home, { ...options, environment });
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const development = packaged ? [] : [["extensionDevelopmentPath", server.remote(repository)]];
  const shot = (what) => page.screenshot({ path: join(shots, `${name}-${what}.png`) });
  try {
    const address = (payload = [], folder = workspace) =>
      server.address(folder, [...development, ["skipWelcome", "true"], ...payload]);
    const session = { page, workspace, home, address, remote: server.remote, shot, browser };
    return await Promise.race([work(session), late()]);
  } finally {
    await shot("end");
    await page.close();
    await server.stop();
    endTrainers(home);
    // The server's own children end after it.
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Trainers outlive the editor by design; a test leaves none behind, however it ended. */
function endTrainers(home) {
  for (const path of readdirSync(home, { recursive: true })) {
    if (!/[\\/]runs[\\/][^\\/]+[\\/]status\.json$/.test(path)) continue;
    const { pid, state } = JSON.parse(readFileSync(join(home, path), "utf8"));
    if (state !== "running" && state !== "paused") continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It had ended without a word.
    }
  }
}

/** Rejects once a test has taken too long. */
function late() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("no end after five minutes")), 300_000).unref();
  });
}
