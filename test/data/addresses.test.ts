import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { describeSource, openAddressBook, tryAddresses } from "../../src/data/addresses";
import { checkData } from "../../src/data/checkData";
import { dataSets } from "../../src/data/sets/index";
import type { AbsentDataSet, DataSetReport, Download } from "../../src/protocol/dataReport";
import { writeMiniature } from "../support/miniatures";
import { temporaryFolder } from "../support/temporaryFolder";

/** A server whose addresses stand for what the publishers' do, and what it was asked. */
async function startServer(): Promise<{ at: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    const answer = (status: number, headers: Record<string, string> = {}): void => {
      response.writeHead(status, headers).end();
    };
    switch (url!.replace(/\?.*/, "")) {
      case "/there":
        return answer(200, { "content-length": "39500000000" });
      case "/moved":
        return answer(302, { location: "/there" });
      case "/without-head":
        if (method === "HEAD") return answer(405);
        // The file itself, without an end: it must not be waited for.
        response.writeHead(200);
        return void response.write("x".repeat(1000));
      case "/log-in":
        return answer(403);
      case "/broken":
        return answer(503);
      case "/hangs-up":
        if (method === "HEAD") return void response.destroy();
        return answer(200);
      case "/silent":
        return;
      default:
        return answer(404);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function setWith(...urls: string[]): AbsentDataSet {
  const downloads = urls.map((url) => ({ what: "images", url, state: "unknown" as const }));
  return { dataset: "dtd", title: "DTD", folders: ["dtd"], downloads };
}

/** An address on this machine at which nobody listens. */
async function deserted(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/gone`;
}

describe("the addresses of data sets", () => {
  it("are asked whether they are still there, without a download", async () => {
    const { at, asked } = await startServer();
    const paths = [
      "there",
      "moved",
      "without-head",
      "log-in",
      "broken",
      "gone",
      "hangs-up",
      "silent",
    ];
    const sets = [
      setWith(...paths.map((path) => `${at}/${path}`)),
      // A name ending in ".invalid" is nobody's by RFC 2606.
      setWith(`${at}/there`, await deserted(), "http://glad.invalid/images.zip"),
    ];
    const report = await tryAddresses(sets, 1000);
    expect(Date.now() - Date.parse(report.tried!)).toBeLessThan(10_000);
    const found = report.sets.map(({ downloads }) =>
      downloads.map(({ state, answer }) => [state, answer]),
    );
    expect(found).toEqual([
      [
        ["alive", "HTTP 200"],
        ["alive", "HTTP 200"],
        ["alive", "HTTP 200"],
        ["unknown", "HTTP 403"],
        ["unknown", "HTTP 503"],
        ["dead", "HTTP 404"],
        ["alive", "HTTP 200"],
        ["unknown", "no answer in 1 s"],
      ],
      [
        ["alive", "HTTP 200"],
        ["unknown", expect.stringMatching(/ECONNREFUSED/)],
        [expect.stringMatching(/^(dead|unknown)$/), expect.stringMatching(/ENOTFOUND|EAI_AGAIN/)],
      ],
    ]);
    // An address that several data sets name is asked once; GET only where HEAD found nothing.
    expect(asked.filter((each) => each === "HEAD /there")).toHaveLength(2);
    expect(asked.filter((each) => each.startsWith("GET")).sort()).toEqual([
      "GET /broken",
      "GET /gone",
      "GET /hangs-up",
      "GET /log-in",
      "GET /without-head",
    ]);
  });

  it("are not called dead where the network is missing", async () => {
    const [first, second] = [await deserted(), await deserted()];
    await expect(tryAddresses([setWith(first, second)], 1000)).rejects.toThrow(
      /^none of 2 addresses answered \(.*ECONNREFUSED.*\); check the network of this machine$/,
    );
  });

  it("are asked while a folder of data sets is checked, and marked in what is missing", async () => {
    const { at, asked } = await startServer();
    // The publishers' own addresses, answered by the server of this test.
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      fetch(`${at}/${url.includes("drive.google") ? "log-in" : "there"}?${url}`, init),
    );
    onTestFinished(() => void vi.unstubAllGlobals());
    const root = temporaryFolder();
    const caltech = writeMiniature(root, "caltech101");
    writeMiniature(root, "dtd");
    rmSync(join(caltech, "split_zhou_Caltech101.json"));
    const told: DataSetReport[] = [];
    const addresses = openAddressBook(5000);
    const report = await checkData(root, {
      openImages: false,
      addresses,
      onReport: (each) => told.push(each),
    });
    expect(report.addresses).toEqual({ tried: expect.any(String) as string, problem: null });
    expect(report.absent).toHaveLength(13);
    const marks = (downloads: readonly Download[]) =>
      new Set(
        downloads.map(({ url, state, answer }) => `${url.includes("drive")} ${state} ${answer}`),
      );
    const both = new Set(["false alive HTTP 200", "true unknown HTTP 403"]);
    expect(marks(report.absent.flatMap(({ downloads }) => downloads))).toEqual(both);
    // Also of a data set that is there but lacks a file, and already when it is told of.
    const [broken, whole] = told;
    expect(marks(broken!.downloads)).toEqual(both);
    expect(whole!.downloads).toEqual([]);
    const heads = asked.filter((each) => each.startsWith("HEAD"));
    expect(new Set(heads).size).toBe(heads.length);
  });

  it("keep their marks where the network is missing, and nobody is asked without a book", async () => {
    const { fetch } = globalThis;
    const gone = await deserted();
    let asked = 0;
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      asked++;
      return fetch(gone, init);
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const root = temporaryFolder();
    writeMiniature(root, "caltech101");
    writeMiniature(root, "dtd");
    const silent = await checkData(root, { openImages: false });
    expect(asked).toBe(0);
    expect(silent.addresses).toEqual({ tried: null, problem: null });
    const report = await checkData(root, { openImages: false, addresses: openAddressBook(5000) });
    expect(asked).toBeGreaterThan(20);
    expect(report.absent).toEqual(silent.absent);
    expect(report.addresses).toEqual({
      tried: null,
      problem: expect.stringMatching(
        /^none of 2\d addresses answered \(.*ECONNREFUSED.*\); check the network of this machine$/,
      ) as string,
    });
  });

  it("are not called silent by a process that was busy", async () => {
    const { at } = await startServer();
    const book = openAddressBook(1000);
    const { downloads } = setWith(`${at}/there`, `${at}/gone`);
    book.ask(downloads);
    // As when the folders of ImageNet are listed.
    const end = Date.now() + 1500;
    while (Date.now() < end);
    const renewed = await book.renew(downloads);
    expect(renewed.map(({ state, answer }) => [state, answer])).toEqual([
      ["alive", "HTTP 200"],
      ["dead", "HTTP 404"],
    ]);
    const { tried } = await book.outcome();
    expect(renewed.map((download) => download.tried)).toEqual([tried, tried]);
    expect(Date.now() - Date.parse(tried!)).toBeGreaterThan(1400);
  });

  it("end the check when they are given up, and are waited for once where nobody answers", async () => {
    const { at, asked } = await startServer();
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => fetch(`${at}/silent?${url}`, init));
    onTestFinished(() => void vi.unstubAllGlobals());
    const root = temporaryFolder();
    for (const name of ["caltech101", "dtd", "ucf101"]) {
      const folder = writeMiniature(root, name);
      for (const file of readdirSync(folder).filter((each) => each.endsWith(".json")))
        rmSync(join(folder, file));
    }
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 300);
    const given = checkData(root, {
      openImages: false,
      signal: cancel.signal,
      addresses: openAddressBook(60_000, cancel.signal),
    });
    await expect(given).rejects.toThrow(/abort/i);
    asked.length = 0;
    const report = await checkData(root, { openImages: false, addresses: openAddressBook(1000) });
    expect(report.sets.filter(({ downloads }) => downloads.length > 0)).toHaveLength(3);
    expect(report.addresses.problem).toContain("no answer in 1 s");
    // What is absent was asked for; nobody answered, so what the three lack was not waited for.
    const askedFor = ({ url }: Download): boolean => asked.some((each) => each.endsWith(`?${url}`));
    expect(report.absent.flatMap(({ downloads }) => downloads).every(askedFor)).toBe(true);
    expect(report.sets.flatMap(({ downloads }) => downloads).some(askedFor)).toBe(false);
  });

  it("are known for every data set", () => {
    for (const { downloads } of dataSets.map(describeSource)) {
      expect(downloads.length).toBeGreaterThan(0);
      for (const { url } of downloads) expect(new URL(url).protocol).toMatch(/^https?:$/);
    }
  });
});
