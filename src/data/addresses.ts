import type {
  AbsentDataSet,
  AddressOutcome,
  AddressReport,
  Download,
} from "../protocol/dataReport";
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
/** Time is counted in pieces: one that lasts longer, because the process was busy, is not the server's fault. */
const tick = 250;

/** Asks addresses whether they are still there, each of them once and all at once, without downloading anything. */
export interface AddressBook {
  /** Begins to ask. */
  ask(downloads: readonly Download[]): void;
  /**
   * Downloads with what was found of their addresses, asked now if they were not before. They stay as they are where no server at
   * all answers: then the network is missing, and nothing is known of them.
   */
  renew(downloads: readonly Download[]): Promise<readonly Download[]>;
  /** How it went with all that were asked. */
  outcome(): Promise<AddressOutcome>;
}

/** Opens an empty book. What is still asked for when `signal` is aborted is given up. */
export function openAddressBook(milliseconds = patience, signal?: AbortSignal): AddressBook {
  const answers = new Map<string, Promise<Answer>>();
  let begun: string | null = null;
  const answerOf = (url: string): Promise<Answer> => {
    begun ??= new Date().toISOString();
    const known = answers.get(url) ?? ask(url, milliseconds, signal);
    answers.set(url, known);
    return known;
  };
  const askAll = (downloads: readonly Download[]): void =>
    downloads.forEach(({ url }) => void answerOf(url));
  const outcome = async (): Promise<AddressOutcome> => {
    const all = await Promise.all(answers.values());
    if (all.length === 0) return { tried: null, problem: null };
    if (all.some(({ reached }) => reached)) return { tried: begun, problem: null };
    const none =
      all.length === 1 ? "the address did not answer" : `none of ${all.length} addresses answered`;
    return {
      tried: null,
      problem: `${none} (${all[0]!.answer}); check the network of this machine`,
    };
  };
  return {
    ask: askAll,
    async renew(downloads) {
      // Where nobody was reached so far, more are not waited for.
      if ((await outcome()).problem !== null) return downloads;
      askAll(downloads);
      const { tried } = await outcome();
      if (tried === null) return downloads;
      const renewed = downloads.map(async (download): Promise<Download> => {
        const { state, answer } = await answerOf(download.url);
        return { ...download, state, answer, tried };
      });
      return Promise.all(renewed);
    },
    outcome,
  };
}

/** Asks every address of these data sets; throws where no server answers at all. */
export async function tryAddresses(
  sets: readonly AbsentDataSet[],
  milliseconds = patience,
): Promise<AddressReport> {
  const book = openAddressBook(milliseconds);
  for (const { downloads } of sets) book.ask(downloads);
  const { tried, problem } = await book.outcome();
  if (problem !== null) throw new UserError(problem);
  const renewed = sets.map(async (set) => ({
    ...set,
    downloads: await book.renew(set.downloads),
  }));
  return { tried, sets: await Promise.all(renewed) };
}

/** What a server says of an address, from the head of its answer. Servers that know no HEAD say so in several ways. */
async function ask(url: string, milliseconds: number, cancel?: AbortSignal): Promise<Answer> {
  const patient = new AbortController();
  let left = milliseconds;
  const timer = setInterval(() => {
    left -= tick;
    if (left <= 0) patient.abort();
  }, tick);
  const signal = cancel ? AbortSignal.any([patient.signal, cancel]) : patient.signal;
  try {
    const head = await statusOf(url, "HEAD", signal).catch(() => null);
    if (head !== null && head < 400) return { ...said(head), reached: true };
    try {
      return { ...said(await statusOf(url, "GET", signal)), reached: true };
    } catch (error) {
      if (head !== null) return { ...said(head), reached: true };
      return { ...unreached(error, patient.signal.aborted, milliseconds), reached: false };
    }
  } finally {
    clearInterval(timer);
  }
}

function unreached(
  error: unknown,
  late: boolean,
  milliseconds: number,
): Pick<Answer, "state" | "answer"> {
  if (late) return { state: "unknown", answer: `no answer in ${milliseconds / 1000} s` };
  // A name that nobody has is as gone as a file; anything else may be the network's trouble, or the server's of today.
  const state = codeOf(error) === "ENOTFOUND" ? "dead" : "unknown";
  return { state, answer: networkReason(error) };
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
