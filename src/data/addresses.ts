import type { AbsentDataSet, AddressReport, Download } from "../protocol/dataReport";
import { UserError } from "../util/errors";
import { networkReason } from "../util/networkReason";
import type { DataSet } from "./sets/dataSet";

/** A data set, where it is to be had, and the folder that it belongs into. */
export function describeSource({ name, title, layouts, downloads }: DataSet): AbsentDataSet {
  const folders = [...new Set(layouts.map(({ folder }) => folder))];
  return { dataset: name, title, folders, downloads };
}

/** What is found of an address; `reached` says whether anybody answered. */
interface Answer extends Required<Pick<Download, "state" | "answer">> {
  reached: boolean;
}

/** So long an address may take to answer, in milliseconds. */
const patience = 15_000;

/**
 * Asks every address of these data sets whether it is still there, all at once, without downloading anything. Throws where
 * no server answers at all: then the network is missing, and nothing is known of the addresses.
 */
export async function tryAddresses(
  sets: readonly AbsentDataSet[],
  milliseconds = patience,
): Promise<AddressReport> {
  const urls = [...new Set(sets.flatMap(({ downloads }) => downloads.map(({ url }) => url)))];
  const answers = await Promise.all(urls.map((url) => ask(url, milliseconds)));
  if (urls.length > 0 && answers.every(({ reached }) => !reached))
    throw new UserError(
      `none of ${urls.length} addresses answered (${answers[0]!.answer}); check the network of this machine`,
    );
  const found = new Map(urls.map((url, i) => [url, answers[i]!]));
  const renew = (download: Download): Download => {
    const { state, answer } = found.get(download.url)!;
    return { ...download, state, answer };
  };
  return {
    tried: new Date().toISOString(),
    sets: sets.map((set) => ({ ...set, downloads: set.downloads.map(renew) })),
  };
}

/** What a server says of an address, from the head of its answer. Servers that know no HEAD say so in several ways. */
async function ask(url: string, milliseconds: number): Promise<Answer> {
  const signal = AbortSignal.timeout(milliseconds);
  const head = await statusOf(url, "HEAD", signal).catch(() => null);
  if (head !== null && head < 400) return { ...said(head), reached: true };
  try {
    return { ...said(await statusOf(url, "GET", signal)), reached: true };
  } catch (error) {
    if (head !== null) return { ...said(head), reached: true };
    const answer = signal.aborted ? `no answer in ${milliseconds / 1000} s` : networkReason(error);
    // A name that nobody has is as gone as a file; anything else may be the network's trouble, or the server's of today.
    return { state: codeOf(error) === "ENOTFOUND" ? "dead" : "unknown", answer, reached: false };
  }
}

async function statusOf(url: string, method: string, signal: AbortSignal): Promise<number> {
  const { status, body } = await fetch(url, { method, signal });
  await body?.cancel();
  return status;
}

/** Only what is gone is dead: a log-in, too many requests and a server in trouble say nothing about what lies there. */
function said(status: number): Pick<Answer, "state" | "answer"> {
  const gone = status === 404 || status === 410;
  return { state: status < 400 ? "alive" : gone ? "dead" : "unknown", answer: `HTTP ${status}` };
}

function codeOf(error: unknown): unknown {
  return ((error as Error).cause as { code?: unknown } | undefined)?.code;
}
