import type {
  AddressState,
  DataHostMessage,
  DataSource,
  SheetImage,
} from "../../src/protocol/dataPage";
import type { DataSetReport, Download } from "../../src/protocol/dataReport";
import { splitTable } from "../../src/protocol/splitTable";
import type { TestTheme } from "./themes";

type CheckMessage = Extract<DataHostMessage, { type: "check" }>;

/** What the host of a data page under test sends. */
export interface DataScenario {
  theme: TestTheme;
  messages: DataHostMessage[];
  /** Addresses of pictures, taken in turn as thumbnails. */
  pictures: string[];
  /** Paths of images without a thumbnail. */
  unreadable?: string[];
  strings?: Record<string, string>;
}

const strings = {};
const classSource: DataSource = {
  page: "class",
  root: "/data/caltech-101",
  dataset: "caltech101",
  label: 4,
  name: "airplane",
};

/** The contact sheet of a class with so many images to train on, a fifth as many to validate, a third to test. */
export function sheet(train: number): DataHostMessage {
  const part = (name: string, count: number): SheetImage[] =>
    Array.from({ length: count }, (_, i) => ({
      path: `airplanes/${name}_${String(i).padStart(4, "0")}.jpg`,
      part: name,
      root: 0,
    }));
  const images = [
    ...part("train", train),
    ...part("val", Math.ceil(train / 5)),
    ...part("test", Math.ceil(train / 3)),
  ];
  const subtitle = "Caltech-101 · /data/caltech-101/101_ObjectCategories";
  const groups = "parts";
  return {
    type: "sheet",
    source: classSource,
    title: "airplane",
    subtitle,
    groups,
    images,
    strings,
  };
}

/** Images that a model has put into three classes, and one that cannot be read. */
export function classified(): DataHostMessage {
  const names = ["barn owl", "snowy owl", "tawny owl"];
  const images = names.flatMap((name, n) =>
    Array.from({ length: 3 + 2 * n }, (_, i): SheetImage => {
      const sure = `${(99.5 - 7 * i).toFixed(1)}%`;
      const full = `${name} ${sure}, ${names[(n + 1) % 3]!} ${(0.4 + 6 * i).toFixed(1)}%`;
      return { path: `new/${n}${i}.jpg`, part: name, root: 0, said: { short: sure, full } };
    }),
  );
  images.push({ path: "new/broken.jpg", part: "", root: 0 });
  return {
    type: "sheet",
    source: {
      page: "classified",
      run: "/work/.glad/runs/owls",
      checkpoint: null,
      places: ["/new"],
    },
    title: "Classified by owls",
    subtitle: "/work/.glad/runs/owls/checkpoints/step-000500 · cpu (2 threads)",
    groups: "classes",
    images,
    strings,
  };
}

/** The split of a base-to-novel run on sixteen classes. */
export function split(): DataHostMessage {
  const names = "ant bass bear cat crab crow deer dog eagle emu fox frog goat hare ibis lynx";
  const classNames = names.split(" ");
  const [base, novel] = [classNames.slice(0, 8), classNames.slice(8)];
  const images = (of: string[], each: number): [string, number][] =>
    of.flatMap((name, label) =>
      Array.from({ length: each + (label % 3) }, (_, i): [string, number] => [
        `${name}/${i}.jpg`,
        label,
      ]),
    );
  const splits = [
    { split: "train", imageRoot: "/photos", classNames: base, images: images(base, 16) },
    { split: "val", imageRoot: "/photos", classNames: base, images: images(base, 4) },
    { split: "base", imageRoot: "/photos", classNames: base, images: images(base, 1234) },
    { split: "novel", imageRoot: "/photos", classNames: novel, images: images(novel, 30) },
  ];
  return {
    type: "split",
    source: { page: "split", of: { config: "/work/glad.json" } },
    title: "Split of glad.json",
    facts: [
      ["From", "/work/glad.json"],
      ["Data set", "folder"],
      ["Shots", "16"],
      ["Seed", "1"],
      ["Order", "coop"],
      ["Protocol", "base-to-novel"],
    ],
    table: splitTable({ splits }),
    notes: [
      '/photos has no folder "test": of each class 30% of the images are kept for the test and 20% for validation, always the same ones.',
    ],
    strings,
  };
}

type Report = Omit<DataSetReport, "classes">;

const good: Report = {
  dataset: "caltech101",
  title: "Caltech-101",
  folder: "/data/caltech-101",
  imageRoot: "/data/caltech-101/101_ObjectCategories",
  layout: "CoOp's layout",
  counts: { classes: 100, train: 4128, val: 1649, test: 2465 },
  published: { classes: 100, train: 4128, val: 1649, test: 2465 },
  findings: [
    { state: "ok", text: "Classes and images are as many as published." },
    { state: "ok", text: "Every image of the lists is there." },
    { state: "ok", text: "8,242 images can be decoded.", opened: true },
    { state: "ok", text: "No image is there twice.", opened: true },
  ],
  downloads: [],
};

const damaged: Report = {
  dataset: "dtd",
  title: "DTD",
  folder: "/data/DTD",
  imageRoot: "/data/DTD/images",
  layout: "CLIP-LoRA's layout",
  counts: { classes: 47, train: 2820, val: 1128, test: 1690 },
  published: { classes: 47, train: 2820, val: 1128, test: 1692 },
  findings: [
    { state: "note", text: "Not the published split: test 1690 instead of 1692." },
    {
      state: "failed",
      text: "2 images of 5638 missing below /data/DTD/images: banded/banded_0002.jpg, woven/woven_0119.jpg",
      images: [
        [{ path: "banded/banded_0002.jpg", note: null, gone: true }],
        [{ path: "woven/woven_0119.jpg", note: null, gone: true }],
      ],
    },
    {
      state: "note",
      text: "1 image under several names in different splits, so what is measured was also trained or selected on: dotted/a.jpg [train] = dotted/b.jpg [test].",
      images: [
        [
          { path: "dotted/a.jpg", note: "train" },
          { path: "dotted/b.jpg", note: "test" },
        ],
      ],
      opened: true,
    },
    { state: "ok", text: "5,636 images can be decoded.", opened: true },
  ],
  downloads: [
    { what: "images, dtd-r1.0.1.tar.gz", url: "https://example.org/dtd.tar.gz", state: "alive" },
    {
      what: "split_zhou_DescribableTextures.json",
      url: "https://example.org/split",
      state: "unknown",
    },
    { what: "an older address", url: "http://example.org/gone.tgz", state: "dead" },
  ],
};

/** A check as it stands: while it runs without what comes at its end. */
export function check(
  state: "none" | "running" | "done" | "cancelled" | "failed",
  addresses: Partial<AddressState> = {},
): CheckMessage {
  const ended = state === "done" || state === "cancelled";
  return {
    type: "check",
    source: { page: "check", root: "/data", dataset: null },
    root: "/data",
    state,
    message: state === "failed" ? "data.root: /data does not exist" : null,
    reports: state === "none" || state === "failed" ? [] : ended ? [good, damaged] : [good],
    absent:
      state === "done"
        ? [
            {
              dataset: "sun397",
              title: "SUN397",
              folders: ["sun397", "SUN397"],
              downloads: [
                { what: "images", url: "http://example.org/SUN397.tar.gz", state: "dead" },
                { what: "a mirror", url: "https://example.org/sun397", state: "alive" },
              ],
            },
          ]
        : [],
    addresses: { trying: false, problem: null, ...addresses },
    time: ended ? "25/11/2026, 10:00:00" : null,
    mayRun: true,
    strings,
  };
}

/** When addresses were tried, ISO 8601. */
export const triedAt = "2026-11-26T10:00:00.000Z";

/** A check that has ended, once its addresses have been tried. */
export function addressesTried(more: Partial<AddressState> = {}): CheckMessage {
  const message = check("done", more);
  const answered = (downloads: readonly Download[]): Download[] =>
    downloads.map((download, i) => ({
      ...download,
      tried: triedAt,
      ...(
        [
          { state: "dead", answer: "HTTP 404" },
          { state: "unknown", answer: "HTTP 403" },
          { state: "alive", answer: "HTTP 200" },
        ] as const
      )[i % 3]!,
    }));
  return {
    ...message,
    reports: message.reports.map((one) => ({ ...one, downloads: answered(one.downloads) })),
    absent: message.absent.map((one) => ({ ...one, downloads: answered(one.downloads) })),
  };
}
