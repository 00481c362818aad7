import { createServer, type Server } from "node:http";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { pageHtml } from "../../src/host/pageHtml";

const root = process.cwd();

/** The results page, bundled as it is shipped, and the fake host, on a port of this machine. */
export interface PageServer {
  /** Address of the page. */
  url: string;
  /** Addresses of some pictures. */
  pictures: string[];
  /** Size of the page's script in bytes. */
  scriptBytes: number;
  close(): void;
}

/** Bundles the page and serves it under its policy, with the fake host's script before its own. */
export async function servePage(): Promise<PageServer> {
  const { webviewOutput } = (await import(join(root, "webview/build.mjs"))) as {
    webviewOutput: BuildOptions;
  };
  const page = await bundle({ ...webviewOutput, minify: true, outdir: "/" });
  const host = await bundle({
    ...webviewOutput,
    entryPoints: {
      host: "test/webview/browser/fakeHost.ts",
      dataHost: "test/webview/browser/fakeDataHost.ts",
      controls: "test/webview/browser/controls.ts",
      tableHost: "test/webview/browser/tableHost.ts",
    },
    outdir: "/",
  });
  const files = new Map([...page, ...host]);
  const pictures = somePictures();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const picture = /^\/pictures\/(\d+)\.jpg$/.exec(path)?.[1];
    const scripts = {
      "/": ["host", "webview"],
      "/data": ["dataHost", "dataPages"],
      "/controls": ["controls"],
      "/experiment": ["tableHost", "experiment"],
    }[path];
    if (scripts) {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(documentOf(`http://${request.headers.host}`, scripts));
    } else if (picture !== undefined) {
      response.setHeader("content-type", "image/jpeg");
      response.end(readFileSync(pictures[Number(picture)]!));
    } else if (files.has(path)) {
      response.setHeader("content-type", path.endsWith(".css") ? "text/css" : "text/javascript");
      response.end(files.get(path));
    } else {
      response.statusCode = path === "/favicon.ico" ? 204 : 404;
      response.end();
    }
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  return {
    url: `${origin}/`,
    pictures: pictures.map((_, i) => `${origin}/pictures/${i}.jpg`),
    scriptBytes: files.get("/webview.js")!.length,
    close: () => server.close(),
  };
}

/** The document as the extension makes it, with a test's script before the page's or in its place. */
function documentOf(origin: string, scripts: readonly string[]): string {
  const nonce = "0123456789abcdef";
  const html = pageHtml({
    scriptUri: `${origin}/${scripts.at(-1)}.js`,
    styleUri: `${origin}/${scripts.at(-1) === "dataPages" ? "dataPages" : "webview"}.css`,
    nonce,
    cspSource: origin,
    language: "en",
    title: "GLAD",
  });
  const before = scripts
    .slice(0, -1)
    .map((name) => `<script nonce="${nonce}" src="${origin}/${name}.js"></script>`);
  return html.replace("<script", `${before.join("")}<script`);
}

async function bundle(options: BuildOptions): Promise<Map<string, Buffer>> {
  const { outputFiles } = await build({ ...options, absWorkingDir: root, write: false });
  return new Map(outputFiles.map(({ path, contents }) => [path, Buffer.from(contents)]));
}

/** Some of Caltech-101's pictures where they lie beside the repository, so that screenshots look like use. */
function somePictures(): string[] {
  const images = resolve(root, "../shared/data/caltech-101/101_ObjectCategories");
  try {
    return readdirSync(images)
      .flatMap((folder) =>
        readdirSync(join(images, folder))
          .slice(0, 1)
          .map((name) => join(images, folder, name)),
      )
      .slice(0, 60);
  } catch {
    return [];
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolved) =>
    server.listen(0, "127.0.0.1", () => resolved((server.address() as AddressInfo).port)),
  );
}
