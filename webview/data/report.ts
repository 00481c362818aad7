import type {
  AbsentDataSet,
  DataFinding,
  DataSetReport,
  Download,
  FoundImage,
} from "../../src/protocol/dataReport";
import { mostImages } from "../../src/protocol/dataReport";
import { h, replaceChildren } from "../dom";
import { type Cell, table } from "../ui/table";
import { button } from "../ui/toolkit";
import { dateTime, integer, t } from "./strings";
import type { Post } from "./view";

type Report = Omit<DataSetReport, "classes">;
type Verdict = "fine" | "testOnly" | "mend";

/** A report on the page, to which the answers of addresses can come later. */
export interface ReportBlock {
  element: HTMLElement;
  showDownloads(list: readonly Download[]): void;
}

/** "15 data sets · 13 in order · to be mended: DTD, Stanford Cars": what a person looks for among many reports. */
export function summaryOf(reports: readonly Report[]): string {
  const bad = reports.filter((report) => verdictOf(report) === "mend");
  const good = reports.length - bad.length;
  const parts = [
    t("dataSetCount", integer(reports.length)),
    ...(good > 0 ? [t("inOrderCount", integer(good))] : []),
    ...(bad.length > 0 ? [t("toBeMended", bad.map(({ title }) => title).join(", "))] : []),
  ];
  return parts.join(" · ");
}

/** What was found of one data set: verdict, counts beside the published ones, findings with their images, addresses. */
export function reportBlock(report: Report, index: number, post: Post): ReportBlock {
  const verdict = verdictOf(report);
  const id = `report-${index}`;
  const show = button({ label: t("reveal"), look: "quiet" }, () =>
    post({ type: "reveal", report: index }),
  );
  const facts = [
    [t("folderFact"), report.folder],
    [t("layoutFact"), report.layout],
  ].filter((fact): fact is [string, string] => fact[1] !== null);
  const sources = h("div", {});
  let shown = "";
  const element = h(
    "section",
    { class: `report ${verdict}`, "aria-labelledby": id },
    h(
      "div",
      { class: "report-head" },
      h("h2", { id, text: report.title }),
      h(
        "span",
        { class: `verdict ${verdict}` },
        mark(verdict === "mend" ? "failed" : "ok"),
        t(verdict),
      ),
      h("span", { class: "spacer" }),
      show.element,
    ),
    h(
      "dl",
      { class: "facts" },
      ...facts.map(([name, value]) =>
        h(
          "div",
          { class: "fact" },
          h("dt", { text: name }),
          h("dd", { class: "path", text: value }),
        ),
      ),
    ),
    report.counts ? countsTable(report, report.counts) : null,
    h(
      "ul",
      { class: "findings" },
      ...worstFirst(report.findings).map((finding) => findingItem(finding, index, post)),
    ),
    sources,
  );
  return {
    element,
    showDownloads(list) {
      const now = JSON.stringify(list);
      if (now === shown) return;
      shown = now;
      replaceChildren(sources, list.length > 0 ? downloads(list) : null);
    },
  };
}

function verdictOf({ findings, counts }: Report): Verdict {
  if (findings.some(({ state }) => state === "failed")) return "mend";
  return counts?.train === 0 ? "testOnly" : "fine";
}

function worstFirst(findings: readonly DataFinding[]): DataFinding[] {
  const rank = { failed: 0, note: 1, ok: 2 };
  return [...findings].sort((a, b) => rank[a.state] - rank[b.state]);
}

function countsTable(
  { title, published }: Report,
  counts: NonNullable<Report["counts"]>,
): HTMLElement {
  const keys = ["classes", "train", "val", "test"] as const;
  const names = { classes: t("classes"), train: t("train"), val: t("val"), test: t("test") };
  const columns = [
    { head: hidden(t("part")) },
    { head: t("found"), number: true },
    ...(published
      ? [{ head: t("published"), number: true }, { head: hidden(t("comparison")) }]
      : []),
  ];
  const rows = keys.map((key): Cell[] => [
    names[key],
    integer(counts[key]),
    ...(published ? [integer(published[key]), agreement(counts[key] === published[key])] : []),
  ]);
  return table(t("countsCaption", title), columns, rows, { hideCaption: true });
}

/** A head that a screen reader needs and an eye does not. */
function hidden(text: string): HTMLElement {
  return h("span", { class: "hidden-text", text });
}

function agreement(same: boolean): HTMLElement {
  return h(
    "span",
    { class: same ? "agrees" : "differs" },
    mark(same ? "ok" : "note"),
    t(same ? "same" : "differs"),
  );
}

/** A sign that says by its form, not by its colour alone, how something stands. */
function mark(state: DataFinding["state"]): HTMLElement {
  const sign = { ok: "✓", note: "i", failed: "✕" }[state];
  return h("span", { class: `mark ${state}`, "aria-hidden": "true", text: sign });
}

function findingItem(
  { state, text, images }: DataFinding,
  report: number,
  post: Post,
): HTMLElement {
  const word = { ok: t("ok"), note: t("note"), failed: t("failedFinding") }[state];
  return h(
    "li",
    { class: `finding ${state}` },
    mark(state),
    h(
      "div",
      { class: "finding-body" },
      h("p", {}, h("span", { class: "hidden-text", text: `${word}: ` }), text),
      images && images.length > 0 ? imageList(images, report, post) : null,
    ),
  );
}

/** The images of a finding, shown when asked for; a click opens one. */
function imageList(rows: readonly FoundImage[][], report: number, post: Post): HTMLElement {
  const list = rows.map((row) =>
    h(
      "li",
      { class: "found" },
      ...row.flatMap(({ path, note, gone }, i) => [
        i > 0 ? h("span", { class: "muted", text: " = " }) : null,
        gone ? h("span", { class: "path", text: path }) : imageButton(path, report, post),
        note === null ? null : h("span", { class: "muted", text: ` ${note}` }),
      ]),
    ),
  );
  const first = rows.length >= mostImages;
  return h(
    "details",
    {},
    h("summary", { text: t("imagesNamed", integer(rows.length)) }),
    h("ul", { class: "found-list" }, ...list),
    first ? h("p", { class: "muted", text: t("firstRows", integer(mostImages)) }) : null,
  );
}

function imageButton(path: string, report: number, post: Post): HTMLElement {
  const made = h("button", {
    type: "button",
    class: "link path",
    text: path,
    title: t("openImage", path),
  });
  made.addEventListener("click", () => post({ type: "openFound", report, path }));
  return made;
}

function downloads(list: readonly Download[]): HTMLElement {
  return h(
    "div",
    { class: "downloads" },
    h("h3", { text: t("whereToGet") }),
    h("p", { class: "muted", text: triedWhen(list) }),
    h("ul", {}, ...list.map(downloadItem)),
  );
}

function triedWhen(list: readonly Download[]): string {
  const tried = list.find((download) => download.tried !== undefined)?.tried;
  return tried === undefined ? t("recorded") : t("tried", dateTime(tried));
}

/** The address as a text; a dead one leads nowhere and is no link. */
function downloadItem({ what, url, state, answer }: Download): HTMLElement {
  const unknown = answer === undefined ? t("untried") : t("unclear");
  const word = { alive: t("alive"), dead: t("dead"), unknown }[state];
  const address =
    state === "dead"
      ? h("span", { class: "address dead", text: url })
      : h("a", { class: "address", href: url, text: url });
  return h(
    "li",
    { class: "download" },
    h("span", { text: what }),
    h("span", { class: `badge ${state}`, text: word }),
    answer === undefined ? null : h("span", { class: "muted", text: answer }),
    address,
  );
}

/** The published data sets that are not there, and where they are to be had; those in `opened` with their addresses shown. */
export function absentBlock(
  absent: readonly AbsentDataSet[],
  opened: ReadonlySet<string>,
): HTMLElement {
  const count = absent.length;
  return h(
    "section",
    { class: "absent", "aria-labelledby": "absent-title" },
    h("h2", {
      id: "absent-title",
      text: count === 1 ? t("absentOne") : t("absent", integer(count)),
    }),
    h("p", { class: "muted", text: triedWhen(absent.flatMap(({ downloads: list }) => list)) }),
    ...absent.map(({ dataset, title, folders, downloads: list }) =>
      h(
        "details",
        { "data-set": dataset, open: opened.has(dataset) },
        h(
          "summary",
          {},
          h("span", { class: "absent-name", text: title }),
          h("span", {
            class: "muted",
            text: ` ${t(
              "belongs",
              folders.reduce((a, b) => t("or", a, b)),
            )}`,
          }),
        ),
        h("ul", {}, ...list.map(downloadItem)),
      ),
    ),
  );
}
