import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeSource, tryAddresses } from "../../src/data/addresses";
import { dataSets } from "../../src/data/sets/index";
import type { AbsentDataSet } from "../../src/protocol/dataReport";

/** A server whose addresses stand for what the publishers' do, and what it was asked. */
async function startServer(): Promise<{ at: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    const answer = (status: number, headers: Record<string, string> = {}): void => {
      response.writeHead(status, headers).end();
    };
    switch (url!) {
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

  it("are known for every data set", () => {
    for (const { downloads } of dataSets.map(describeSource)) {
      expect(downloads.length).toBeGreaterThan(0);
      for (const { url } of downloads) expect(new URL(url).protocol).toMatch(/^https?:$/);
    }
  });
});
