import type { AbsentDataSet, AddressReport, Download } from "../protocol/dataReport";
import { UserError } from "../util/errors";
import { networkReason } from "../util/networkReason";
import type { DataSet } from "./sets/dataSet";

/** A data set, where it is to be had, and the folder that it belongs into. */
export function describeSource({ name, title, layouts, downloads }: DataSet): AbsentDataSet {
  const folders = [...new Set(layouts.map(({ folder }) => folder))];
  return { dataset: name, title, folders, downloads };
}

/** What is found of an address. */
type Answer = Required<Pick<Download, "state" | "answer">>;

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
  const answers = new Map<string, Answer>();
  const problems: string[] = [];
  await Promise.all(
    urls.map(async (url) => {
      try {
        answers.set(url, await ask(url, milliseconds));
      } catch (error) {
        const late = error instanceof Error && error.name === "TimeoutError";
        const reason = late ? `no answer in ${milliseconds / 1000} s` : networkReason(error);
        problems.push(reason);
        answers.set(url, { state: "dead", answer: reason });
      }
    }),
  );
  if (urls.length > 0 && problems.length === urls.length)
    throw new UserError(
      `none of ${urls.length} addresses answered (${problems[0]!}); check the network of this machine`,
    );
  return {
    tried: new Date().toISOString(),
    sets: sets.map((set) => ({
      ...set,
      downloads: set.downloads.map((download) => ({ ...download, ...answers.get(download.url) })),
    })),
  };
}

/** What a server says of an address, from the head of its answer; throws where there is no answer. */
async function ask(url: string, milliseconds: number): Promise<Answer> {
  const head = await statusOf(url, "HEAD", milliseconds);
  // Some servers know no HEAD, and say so in several ways.
  const status = head < 400 ? head : await statusOf(url, "GET", milliseconds);
  return { state: stateOf(status), answer: `HTTP ${status}` };
}

async function statusOf(url: string, method: string, milliseconds: number): Promise<number> {
  const { status, body } = await fetch(url, { method, signal: AbortSignal.timeout(milliseconds) });
  await body?.cancel();
  return status;
}

/** A log-in that is asked for, or a server that has had enough of us, says nothing about what lies there. */
function stateOf(status: number): Download["state"] {
  if (status < 400) return "alive";
  return [401, 403, 407, 429].includes(status) ? "unknown" : "dead";
}
