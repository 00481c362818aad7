import { readFile } from "node:fs/promises";

/**
 * The toolkit's foundation asks whether the browser knows :focus-visible by adding an inline style, which the page's
 * policy refuses and reports. Every Chromium that VS Code runs on knows it, so the question is answered here.
 */
const focusVisible = {
  name: "focus-visible",
  setup(build) {
    build.onLoad({ filter: /fast-web-utilities[\\/]dist[\\/]dom\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const question = "let _canUseFocusVisible;";
      if (!source.includes(question)) throw new Error(`${path}: has no "${question}"`);
      return { contents: source.replace(question, "let _canUseFocusVisible = true;") };
    });
  },
};

/** esbuild's options for the results page and those of data sets and experiments: a script and a style sheet, nothing else is loaded. */
export const webviewOutput = {
  entryPoints: [
    { in: "webview/main.ts", out: "webview" },
    { in: "webview/experiment/main.ts", out: "experiment" },
    { in: "webview/styles/page.css", out: "webview" },
    { in: "webview/data/main.ts", out: "dataPages" },
    { in: "webview/styles/dataPages.css", out: "dataPages" },
  ],
  bundle: true,
  platform: "browser",
  format: "iife",
  target: "chrome128",
  plugins: [focusVisible],
  logLevel: "warning",
};
