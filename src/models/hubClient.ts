import { UserError } from "../util/errors";
import { networkReason } from "../util/networkReason";
import type { HubSettings } from "./hub";

/** A file of a repository. */
export interface RemoteFile {
  path: string;
  size: number;
  /** SHA-256 of a large file, SHA-1 of a small one as git hashes it; the name under which the cache keeps the file. */
  hash: string;
}

/** What is asked of the hub about one model. Every failure is a UserError. */
export interface HubClient {
  /** The commit that a branch, tag or pull request (`refs/pr/3`) points to. */
  commitOf(revision: string): Promise<string>;
  /** The files at the top of the repository. */
  list(commit: string): Promise<RemoteFile[]>;
  /** The number of an open pull request of that title and author, or null. */
  pullRequest(wanted: { title: string; author: string }): Promise<number | null>;
  /** A file's bytes from `start` on. */
  read(commit: string, path: string, start: number): Promise<ReadableStream<Uint8Array>>;
}

/** The hub as @huggingface/hub speaks to it, which is loaded only when something is to be downloaded. */
export async function hubClient(name: string, settings: HubSettings): Promise<HubClient> {
  const hub = await import("@huggingface/hub");
  const { endpoint } = settings;
  const fetch = authorised(settings);
  const common = { hubUrl: endpoint, fetch };
  const repo = { type: "model" as const, name };
  const asked = <T>(work: () => Promise<T>): Promise<T> => explained(name, endpoint, work);
  return {
    commitOf: (revision) =>
      asked(async () => {
        const info = await hub.modelInfo({ ...common, name, revision, additionalFields: ["sha"] });
        return info.sha;
      }),
    list: (commit) =>
      asked(async () => {
        const files: RemoteFile[] = [];
        for await (const entry of hub.listFiles({ ...common, repo, revision: commit })) {
          const hash = entry.lfs?.oid ?? entry.oid;
          if (entry.type === "file" && hash !== undefined)
            files.push({ path: entry.path, size: entry.size, hash });
        }
        return files;
      }),
    pullRequest: ({ title, author }) =>
      asked(async () => {
        const query = `author=${author}&type=pull_request&status=open`;
        const response = await fetch(`${endpoint}/api/models/${name}/discussions?${query}`);
        if (!response.ok) return null;
        const { discussions = [] } = (await response.json()) as { discussions?: Discussion[] };
        const found = discussions.find(
          (one) =>
            one.title === title &&
            one.author?.name === author &&
            one.isPullRequest &&
            one.status === "open",
        );
        return found?.num ?? null;
      }),
    read: (commit, path, start) =>
      asked(async () => {
        const revision = commit;
        const blob = await hub.downloadFile({ ...common, repo, revision, path, xet: false });
        if (!blob) throw new UserError(`${name}: the hub has no file ${path}`);
        return blob.slice(start).stream() as ReadableStream<Uint8Array>;
      }),
  };
}

interface Discussion {
  num: number;
  title: string;
  status: string;
  isPullRequest: boolean;
  author?: { name?: string };
}

/** The token goes to the hub itself and never to a place that it redirects to. */
function authorised({ endpoint, token }: HubSettings): typeof globalThis.fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (token === null || url.origin !== new URL(endpoint).origin) return fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}

async function explained<T>(name: string, endpoint: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const status = (error as { statusCode?: number }).statusCode;
    throw new UserError(
      status === undefined
        ? `${endpoint}: cannot be reached (${networkReason(error)}); check the network and HF_ENDPOINT, or bring the model's folder by hand`
        : `${name}: ${statusText(status, endpoint)}`,
    );
  }
}

function statusText(status: number, endpoint: string): string {
  if (status === 401 || status === 403) {
    return `${endpoint} knows no such model or does not let you see it (HTTP ${status}); check the name, and for a private or gated model set HF_TOKEN`;
  }
  if (status === 404) return `${endpoint} knows no such model (HTTP 404); check the name`;
  if (status === 429) return `${endpoint} has had too many requests from you (HTTP 429); wait`;
  return `${endpoint} answered with HTTP ${status}; try again later`;
}
