import type { DataOrigin, DataSetReport, ListEvent } from "../../protocol/dataReport";
import { createEmitter, type Disposable } from "../emitter";
import { type RememberedCheck, rememberedChecks } from "./checkMemory";
import { folderStamp } from "./folderStamp";

/** Where a data set was found: by a configuration, added by the user, linked, or lying in the workspace. */
export type PlaceOrigin = "added" | "configuration" | Exclude<DataOrigin, "named">;

/** A folder and the data sets that it is or holds. */
export interface DataPlace {
  origin: PlaceOrigin;
  root: string;
  sets: DataSetReport[];
}

/** Where to look, asked anew at every look. */
export interface DataPlaces {
  /** Folders that the user added. */
  added: readonly string[];
  /** Folders that configurations name, with the data set that they say it is. */
  configured: readonly { root: string; dataset: string }[];
  workspaces: readonly string[];
}

/** Looks for data sets and tells each as it is found; resolves to the folders that are to be watched. */
export type LookForData = (
  places: DataPlaces,
  tell: (event: Extract<ListEvent, { type: "set" }>) => void,
) => Promise<string[]>;

/** The data sets of the window. Nothing is looked for before somebody watches. */
export interface DataStore extends Disposable {
  readonly places: readonly DataPlace[];
  /** What the last check of a data set found that takes opening its images; null where it was never checked. */
  checkOf(report: Pick<DataSetReport, "dataset" | "folder">): RememberedCheck | null;
  /** As `checkOf`, of a data set that may not have been listed yet. */
  recall(report: Pick<DataSetReport, "dataset" | "folder">): Promise<RememberedCheck | null>;
  /** Keeps what a check found. */
  remember(report: DataSetReport): Promise<void>;
  onChange(listener: () => void): Disposable;
  /** Looks anew; a wish that comes during a look is fulfilled after it. */
  refresh(): Promise<void>;
  /** Whether somebody looks at the data sets, so that changes on the disk are to be noticed. */
  watch(on: boolean): void;
}

interface StoreOptions {
  where: () => DataPlaces | Promise<DataPlaces>;
  look: LookForData;
  /** The folder in which checks are kept. */
  memory: string;
  /** Milliseconds between two looks at the watched folders. */
  interval?: number;
  onError: (error: unknown) => void;
}

/** So many looks in a row may see the folders change before the list is made anew all the same. */
const patience = 5;

/** By so many milliseconds the times of files may lie before the clock's: some file systems keep two seconds apart. */
const coarseness = 2000;

/** Opens a store; it is empty until the first refresh. */
export function openDataStore(options: StoreOptions): DataStore {
  const { where, look, interval = 3000, onError } = options;
  const changes = createEmitter<void>();
  const checks = rememberedChecks(options.memory);
  let places: readonly DataPlace[] = [];
  let watched: readonly string[] = [];
  let stamp = "";
  let unsettled = "";
  let restless = 0;
  let looking: Promise<void> | null = null;
  let again = false;
  let timer: NodeJS.Timeout | null = null;
  let disposed = false;

  const lookOnce = async (): Promise<void> => {
    const sought = await where();
    const started = Date.now();
    const found: DataPlace[] = [];
    const first = places.length === 0;
    const folders = await look(sought, ({ origin, root, report }) => {
      addReport(found, placeOrigin(origin, root, sought), root, report);
      // The first time the list grows before the user's eyes; later it is replaced as a whole.
      if (first && !disposed) show(found);
    });
    if (disposed) return;
    watched = folders;
    const { text, newest } = await folderStamp(watched);
    // What changed during the look may be missing in the list: it counts as not seen yet, but once only, for the clock
    // of a disk may go before ours.
    const missed = newest >= started - coarseness && text !== unsettled;
    if (missed) unsettled = text;
    stamp = missed ? "" : text;
    await checks.load(found.flatMap(({ sets }) => sets));
    show(found);
  };

  const show = (found: readonly DataPlace[]): void => {
    places = [...found];
    changes.fire();
  };

  const refresh = async (): Promise<void> => {
    if (looking) {
      again = true;
      return looking;
    }
    const rounds = async (): Promise<void> => {
      do {
        again = false;
        await lookOnce();
      } while (again && !disposed);
    };
    looking = rounds().finally(() => (looking = null));
    return looking;
  };

  /** A folder into which files are being copied changes at every look: the list waits until it has come to rest. */
  const poll = async (): Promise<void> => {
    const { text: now } = await folderStamp(watched);
    if (now !== stamp && !looking) {
      const { text: next } = await later(interval / 3).then(() => folderStamp(watched));
      const settled = now === next;
      if (settled || ++restless >= patience) {
        restless = 0;
        await refresh().catch(onError);
      }
    }
    if (timer !== null && !disposed) timer = setTimeout(() => void poll(), interval);
  };

  return {
    get places() {
      return places;
    },
    checkOf: (report) => checks.of(report),
    async recall(report) {
      await checks.load([report]);
      return checks.of(report);
    },
    async remember(report) {
      await checks.keep(report);
      changes.fire();
    },
    onChange: (listener) => changes.on(listener),
    refresh,
    watch(on) {
      if (timer) clearTimeout(timer);
      timer = on ? setTimeout(() => void poll(), interval) : null;
    },
    dispose() {
      disposed = true;
      if (timer) clearTimeout(timer);
    },
  };
}

function addReport(
  places: DataPlace[],
  origin: PlaceOrigin,
  root: string,
  report: DataSetReport,
): void {
  const place = places.find((each) => each.root === root && each.origin === origin);
  if (place) place.sets.push(report);
  else places.push({ origin, root, sets: [report] });
}

function placeOrigin(origin: DataOrigin, root: string, { added }: DataPlaces): PlaceOrigin {
  if (origin !== "named") return origin;
  return added.includes(root) ? "added" : "configuration";
}

function later(milliseconds: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, milliseconds));
}
