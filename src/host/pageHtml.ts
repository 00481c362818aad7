/** What the host knows of a webview that the page's document needs. */
export interface PageResources {
  /** Addresses of dist/webview.js and dist/webview.css as the webview may load them. */
  scriptUri: string;
  styleUri: string;
  /** Unguessable, new for every document; the only script that may run carries it. */
  nonce: string;
  /** `webview.cspSource`. */
  cspSource: string;
  /** Language of the texts, as in `vscode.env.language`. */
  language: string;
  title: string;
}

/** The content security policy of the page: nothing but our own files and pictures, and no inline code or style. */
export function pagePolicy({
  nonce,
  cspSource,
}: Pick<PageResources, "nonce" | "cspSource">): string {
  return [
    "default-src 'none'",
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `img-src ${cspSource} data:`,
    `font-src ${cspSource}`,
  ].join("; ");
}

/** The document of the results page. */
export function pageHtml(resources: PageResources): string {
  const text = (value: string): string =>
    value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const { scriptUri, styleUri, nonce, language, title } = resources;
  return `<!DOCTYPE html>
<html lang="${text(language)}">
  <head>
    <meta charset="UTF-8" />
    <meta http-equiv="Content-Security-Policy" content="${text(pagePolicy(resources))}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" href="${text(styleUri)}" />
    <title>${text(title)}</title>
  </head>
  <body>
    <div id="page"></div>
    <script nonce="${text(nonce)}" src="${text(scriptUri)}"></script>
  </body>
</html>
`;
}
