import { expect, test } from "vitest";
import { pageHtml, pagePolicy } from "../../src/host/pageHtml";

const resources = {
  scriptUri: "https://file.example/dist/webview.js",
  styleUri: "https://file.example/dist/webview.css",
  nonce: "abc123",
  cspSource: "https://*.example 'self'",
  language: "de",
  title: 'A & "B" <c>',
};

test("allows our own files alone", () => {
  expect(pagePolicy(resources)).toBe(
    "default-src 'none'; style-src https://*.example 'self'; script-src 'nonce-abc123'; img-src https://*.example 'self' data:; font-src https://*.example 'self'",
  );
});

test("has no code, style or handler of its own, and escapes what is put in", () => {
  const html = pageHtml(resources);
  expect(html.match(/<script[^>]*>/g)).toEqual([
    '<script nonce="abc123" src="https://file.example/dist/webview.js">',
  ]);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|unsafe/);
  expect(html).toContain("<title>A &#38; &#34;B&#34; &#60;c&#62;</title>");
  expect(html).toContain('<html lang="de">');
});
