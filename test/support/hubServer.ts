import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface HubOptions {
  /** Files of the repository by revision (`main`, `refs/pr/1`). */
  revisions: Record<string, Record<string, Uint8Array>>;
  /** Without this token every request is refused. */
  token?: string;
  /** Title and author of open pull requests by number. */
  pullRequests?: Record<number, { title: string; author: string }>;
  /** Break the connection after so many bytes of a file's content, once for each number. */
  breakAfter?: Record<string, number[]>;
  /** Send other bytes than the listing describes. */
  damaged?: string[];
  /** Answer every request with this status. */
  status?: number;
}

export interface TestHub {
  endpoint: string;
  /** Every request as "GET /path" with its range. */
  requests: string[];
  options: HubOptions;
  close(): Promise<void>;
}

export const modelName = "owner/tiny-clip";

/** A server on 127.0.0.1 that answers as the Hugging Face hub does for the model `owner/tiny-clip`. */
export async function startHub(options: HubOptions): Promise<TestHub> {
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const hub: TestHub = { endpoint: "", requests: [], options, close };
  const server = createServer((request, response) => {
    const range = request.headers.range;
    hub.requests.push(`${request.method} ${request.url}${range ? ` ${range}` : ""}`);
    answer(hub.options, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  hub.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(close);
  return hub;
}

/** The commit of a revision; the hub's are 40 hex digits. */
export function commitOf(revision: string): string {
  return createHash("sha1").update(revision).digest("hex");
}

/** Files above this size are kept in large file storage, with a SHA-256. */
const largeSize = 20_000;

function answer(options: HubOptions, request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent(new URL(request.url!, "http://hub").pathname);
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (options.status !== undefined) return json(options.status, { error: "as told" });
  const { token } = options;
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
    return json(401, { error: "Invalid username or password." });
  }
  const api = `/api/models/${modelName}/`;
  if (path === `${api}discussions`) return json(200, { discussions: discussions(options) });
  const revision = path.startsWith(`${api}revision/`) ? path.slice(`${api}revision/`.length) : null;
  if (revision !== null && options.revisions[revision]) {
    return json(200, { id: modelName, _id: "1", sha: commitOf(revision), private: false });
  }
  const [, commit, file] =
    /^\/api\/models\/owner\/tiny-clip\/tree\/([0-9a-f]{40})$/.exec(path) ??
    /^\/owner\/tiny-clip\/resolve\/([0-9a-f]{40})\/(.+)$/.exec(path) ??
    [];
  const files = Object.entries(options.revisions).find(([name]) => commitOf(name) === commit)?.[1];
  if (files && file === undefined) return json(200, tree(files));
  const content = file === undefined ? undefined : files?.[file];
  if (file === undefined || !content) return json(404, { error: "Repository not found" });
  sendFile(options, file, content, request, response);
}

function tree(files: Record<string, Uint8Array>): unknown[] {
  const sha1 = (content: Uint8Array): string =>
    createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  return Object.entries(files).map(([path, content]) => {
    const entry = { type: "file", path, size: content.length, oid: sha1(content) };
    if (content.length < largeSize) return entry;
    const oid = createHash("sha256").update(content).digest("hex");
    return { ...entry, lfs: { oid, size: content.length, pointerSize: 134 } };
  });
}

function discussions({ pullRequests = {} }: HubOptions): unknown[] {
  return Object.entries(pullRequests).map(([number, { title, author }]) => ({
    num: Number(number),
    title,
    author: { name: author },
    status: "open",
    isPullRequest: true,
  }));
}

function sendFile(
  options: HubOptions,
  name: string,
  content: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const start = Number(first ?? 0);
  const end = last ? Number(last) + 1 : content.length;
  const whole = options.damaged?.includes(name) ? Buffer.alloc(content.length) : content;
  const body = whole.subarray(start, end);
  response.writeHead(first === undefined ? 200 : 206, {
    "Content-Length": body.length,
    ETag: '"x"',
    ...(first !== undefined && { "Content-Range": `bytes ${start}-${end - 1}/${content.length}` }),
  });
  // The one byte that asks for a file's size is not its content.
  const cut = body.length > 1 ? options.breakAfter?.[name]?.shift() : undefined;
  if (cut === undefined) return void response.end(body);
  response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
}
